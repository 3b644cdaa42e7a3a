// The RSP log contains EIDs, IMEIs and addresses of devices, so SIMWRIGHT_LOG_RETENTION_DAYS limits its retention.
import type { Context } from '../../context.ts';
import { apiDate } from '../../values/date.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Deletes up to `limit` older entries, oldest first. @returns how many */
export async function pruneRspLog(
  { config, transact, now }: Pick<Context, 'config' | 'transact' | 'now'>,
  limit: number,
): Promise<number> {
  const days = config.logRetentionDays;
  if (days === undefined) return 0;
  const date = apiDate(new Date(now().getTime() - days * DAY_MS));
  return transact(({ tables }) => tables.rspLog.deleteBefore(date, limit));
}
