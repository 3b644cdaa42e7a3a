import type { Flavor } from '../flavor.ts';

/** The id of the request that has begun something, for logs and traces. */
export function requestIds({ text }: Flavor): string[] {
  return ['esim_profiles', 'batches', 'callbacks'].map(
    (table) => `alter table ${table} add column request_id ${text}`,
  );
}
