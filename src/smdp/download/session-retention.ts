// When an expired session can be deleted (docs/decisions/0022-forgotten-sessions.md).
import type { Context } from '../../context.ts';
import type { DueSession } from '../../store/rsp-sessions.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/**
 * Results from devices that were off or had no network are still verified and logged for this long once the profile is
 * installed or has failed. Later ones are acknowledged, like any that cannot be verified.
 */
export const KEPT_MS = 30 * DAY_MS;

/**
 * Examines up to `limit` sessions that are due: deletes those that nothing can need, and postpones the others.
 * @returns how many were due
 */
export async function forgetSessions(
  { transact }: Pick<Context, 'transact'>,
  limit: number,
): Promise<number> {
  return transact(async ({ tables, now }) => {
    const due = await tables.rspSessions.due(now.toISOString(), limit);
    const { forget = [], keep = [] } = Object.groupBy(due, (session) =>
      isNeeded(session, now) ? 'keep' : 'forget',
    );
    await tables.rspSessions.delete(forget.map(({ transaction_id }) => transaction_id));
    await tables.rspSessions.postpone(
      keep.map(({ transaction_id }) => transaction_id),
      new Date(now.getTime() + KEPT_MS).toISOString(),
    );
    return due.length;
  });
}

function isNeeded({ date_expires, smdp_sign, eid, profile }: DueSession, now: Date): boolean {
  if (date_expires >= now.toISOString()) return true;
  // It delivered no package, so no result can come.
  if (smdp_sign === null) return false;
  // §3.5: the result decides the order, however late it comes, and any of several sessions may have it.
  const isAwaited = profile?.state === 'Downloaded' || profile?.state === 'Unavailable';
  if (isAwaited && profile.eid === eid) return true;
  return new Date(date_expires).getTime() + KEPT_MS >= now.getTime();
}
