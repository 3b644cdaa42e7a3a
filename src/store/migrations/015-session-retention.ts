import type { Flavor } from '../flavor.ts';

/**
 * When to decide whether a session may be deleted. Existing sessions, and those that an older node of a cluster adds, are
 * due at once.
 */
export function sessionRetention({ text }: Flavor): string[] {
  return [
    `alter table rsp_sessions add column date_due ${text} not null default ''`,
    `create index rsp_sessions_by_due on rsp_sessions (date_due)`,
    `drop index rsp_sessions_by_expiry`,
  ];
}
