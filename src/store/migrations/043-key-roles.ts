import type { Flavor } from '../flavor.ts';

/** What an API key may change, if not everything. */
export function keyRoles({ text }: Flavor): string[] {
  return [`alter table api_keys add column role ${text}`];
}
