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
type LoggedCall = Pick<RspLogRow, (typeof COLUMNS)[number]>;

/** @param asked SIDs of orders */
export async function findLoggedCalls(
  db: Kysely<Tables>,
  asked: readonly { account_sid: string | null; value: string | null }[],
): Promise<Related<LoggedCall>> {
  const calls: Related<LoggedCall> = await findRelated(
    db,
    'rsp_log',
    'esim_profile_sid',
    asked,
    COLUMNS,
  );
  const sessions = await findRelated(
    db,
    'rsp_sessions',
    'ordered_by',
    asked,
    LOGGED_COLUMNS,
    HAS_LOG,
  );
  for (const session of sessions.values()) {
    for (const call of readable(session) ?? []) {
      calls.add(call.account_sid, call.esim_profile_sid, call);
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
