import type { Flavor } from '../flavor.ts';

/**
 * For expiring orders: the time from which they count, and an index of those that are over. A column for sessions
 * that bind a profile again. An index for the oldest entries of the RSP log.
 */
export function expiry({ text }: Flavor): string[] {
  return [
    `alter table subscriptions add column date_released ${text}`,
    // Not before the actual time, so no order expires too soon.
    `update subscriptions set date_released = date_updated
      where state in ('Released', 'Downloaded')`,
    `create index subscriptions_released on subscriptions (date_released)
      where state = 'Released'`,

    `alter table rsp_sessions add column bound_before integer not null default 0
      check (bound_before in (0, 1))`,

    `create index rsp_log_by_age on rsp_log (date_created)`,
  ];
}
