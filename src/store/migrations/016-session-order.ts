import type { Flavor } from '../flavor.ts';

/**
 * The order that a session authenticated for. Not known of existing sessions, and of those that an older node of a
 * cluster adds: they go with the order that their profile is under.
 */
export function sessionOrder({ text }: Flavor): string[] {
  return [`alter table rsp_sessions add column ordered_by ${text}`];
}
