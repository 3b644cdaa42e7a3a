import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** What an API key may change, if not everything. */
export function keyRoles({ name, text }: Flavor): string[] {
  return [
    `alter table api_keys add column role ${text}`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
