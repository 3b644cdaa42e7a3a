import type { Flavor } from '../flavor.ts';

/**
 * When it is decided next whether anything can still need a session. Those that are there already are due at once, as is
 * what an older node of a cluster adds: nothing but this date depends on it.
 */
export function sessionRetention({ text }: Flavor): string[] {
  return [
    `alter table rsp_sessions add column date_due ${text} not null default ''`,
    `create index rsp_sessions_by_due on rsp_sessions (date_due)`,
    `drop index rsp_sessions_by_expiry`,
  ];
}
