import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** Orders that are changed, cancelled, expire and are replaced. */
export function afterTheOrder({ name, text, statistics }: Flavor): string[] {
  return [
    `alter table esim_profiles add column eid_learned integer not null default 0`,
    `alter table esim_profiles add column expires_at ${text}`,
    `alter table esim_profiles add column replaces_sid ${text}`,
    `alter table esim_profiles add column replaced_by_sid ${text}`,
    `alter table esim_profiles add column revision integer not null default 0`,
    `create index esim_profiles_expiring on esim_profiles (expires_at)
      where expires_at is not null and status in ('new', 'reserving', 'available')`,

    `alter table subscriptions add column order_number integer not null default 0`,
    `alter table subscriptions add column known_absent integer not null default 0`,
    `update subscriptions set known_absent = 1
      where state = 'Error' and ended_reason in ('expired', 'installation')`,
    `alter table rsp_sessions add column order_number integer`,

    // Until now a confirmation code was not kept once the SM-DP+ had its digest.
    `update esim_profiles set confirmation_code = ''
      where status in ('available', 'downloaded') and (account_sid, sid) in (
        select account_sid, ordered_by from subscriptions
        where confirmation_code is not null and ordered_by is not null)`,

    `alter table accounts add column release_again ${text} not null default 'off'
      check (release_again in ('off', 'failure', 'deletion', 'both'))`,

    ...statistics({ esim_profiles: { esim_profiles_expiring: [100, 1] } }),
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
