// The RSP log contains EIDs, IMEIs and addresses of devices, so SIMWRIGHT_LOG_RETENTION_DAYS limits its retention.
import type { Context } from '../../context.ts';
import { apiDate } from '../../values/date.ts';
import { SESSION_LIFETIME_MS } from './begun-session.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Deletes up to `limit` older entries, and up to `limit` logs of sessions, oldest first. @returns how many in all */
export async function pruneRspLog(
  { config, transact, now }: Pick<Context, 'config' | 'transact' | 'now'>,
  limit: number,
): Promise<number> {
  const days = config.logRetentionDays;
  if (days === undefined) return 0;
  const date = new Date(now().getTime() - days * DAY_MS);
  // The last call of a session may be so much younger than the session.
  const begun = new Date(date.getTime() - SESSION_LIFETIME_MS).toISOString();
  return transact(async ({ tables, now: due }) => {
    const entries = await tables.rspLog.deleteBefore(apiDate(date), limit);
    const logs = await tables.rspSessions.deleteLogs(begun, limit, due.toISOString());
    return entries + logs;
  });
}
