import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** Orders with a matching ID that the owner has chosen. */
export function chosenMatchingId({ name, text }: Flavor): string[] {
  return [
    `alter table esim_profiles add column chosen_matching_id ${text}`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
