import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** The binding of a call, null: JSON, as all calls were before. */
export function rspLogBinding({ name, text }: Flavor): string[] {
  return [
    `alter table rsp_log add column binding ${text}`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
