// What can still need a session when its time is over, and when nothing can (docs/decisions/0022-forgotten-sessions.md).
import type { Context } from '../../context.ts';
import type { DueSession } from '../../store/rsp-sessions.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/**
 * Results that come so late, from devices that were off or had no network, are verified and logged although the end of
 * the profile is known. Later ones are acknowledged like all that cannot be verified.
 */
const KEPT_MS = 30 * DAY_MS;

/**
 * Deletes sessions that nothing can need any more, out of up to `limit` that are due, and puts the others off.
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
    await tables.rspSessions.putOff(
      keep.map(({ transaction_id }) => transaction_id),
      new Date(now.getTime() + KEPT_MS).toISOString(),
    );
    return due.length;
  });
}

function isNeeded({ date_expires, smdp_sign, eid, profile }: DueSession, now: Date): boolean {
  if (date_expires >= now.toISOString()) return true;
  // No package has left in it, so no result can come.
  if (smdp_sign === null) return false;
  // §3.5: the result decides what becomes of the order, however late it comes. Of several sessions any may have it.
  if (profile?.state === 'Downloaded' && profile.eid === eid) return true;
  return new Date(date_expires).getTime() + KEPT_MS >= now.getTime();
}
