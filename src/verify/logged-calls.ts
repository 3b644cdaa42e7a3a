// The RSP log of orders: the calls in the logs of their sessions, and those that are rows of their own.
import type { Kysely } from 'kysely';
import { decodeSessionLog } from '../smdp/download/session-log.ts';
import { HAS_LOG, LOGGED_COLUMNS } from '../store/rsp-sessions.ts';
import type { LoggedSession } from '../store/rsp-sessions.ts';
import type { RspLogRow, Tables } from '../store/schema.ts';
import { findRelated, Related } from './related.ts';

const COLUMNS = [
  'function',
  'transaction_id',
  'eid',
  'status',
] as const satisfies (keyof RspLogRow)[];
type LoggedCall = Pick<RspLogRow, (typeof COLUMNS)[number]> & {
  /** Of the session; null if that does not say, or the call is not part of one. */
  order_number: number | null;
};

/** @param asked SIDs of orders */
export async function findLoggedCalls(
  db: Kysely<Tables>,
  asked: readonly { account_sid: string | null; value: string | null }[],
): Promise<Related<LoggedCall>> {
  const calls = new Related<LoggedCall>();
  const rows = await findRelated(db, 'rsp_log', 'esim_profile_sid', asked, [
    'account_sid',
    'esim_profile_sid',
    ...COLUMNS,
  ]);
  for (const row of rows.values()) {
    calls.add(row.account_sid, row.esim_profile_sid, { ...row, order_number: null });
  }
  const sessions = await findRelated(
    db,
    'rsp_sessions',
    'ordered_by',
    asked,
    [...LOGGED_COLUMNS, 'order_number'],
    HAS_LOG,
  );
  for (const session of sessions.values()) {
    for (const call of readable(session) ?? []) {
      const { order_number } = session;
      calls.add(call.account_sid, call.esim_profile_sid, { ...call, order_number });
    }
  }
  return calls;
}

/** Undefined if the log is damaged. */
export function readable(session: LoggedSession): RspLogRow[] | undefined {
  try {
    return decodeSessionLog(session);
  } catch {
    return undefined;
  }
}
