import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** A callback URL and a signing secret for each account, and orders and Sims that have no callbacks all the same. */
export function accountCallbacks({ name, text }: Flavor): string[] {
  return [
    `alter table accounts add column callback_url ${text}`,
    `alter table accounts add column callback_method ${text} not null default 'POST'
      check (callback_method in ('GET', 'POST'))`,
    `alter table accounts add column callback_secret_number integer not null default 1`,
    `alter table accounts add column callback_secret_until ${text}`,
    `alter table accounts add column rehearsal_until ${text}`,
    `alter table esim_profiles add column callback_off integer not null default 0`,
    `alter table sims add column callback_off integer not null default 0`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
