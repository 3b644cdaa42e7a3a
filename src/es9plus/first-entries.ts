// What the log is to have of InitiateAuthentication, before it is known which profile the session is about. It waits
// in the memory of this node: a stranger can leave nothing in the store.
import type { Context } from '../context.ts';
import type { MasterKey } from '../process/keys.ts';
import { SESSION_LIFETIME_MS } from '../smdp/download/begun-session.ts';
import { apiDate } from '../values/date.ts';
import { oncePer } from '../process/once-per.ts';
import { ShortMemory } from '../process/short-memory.ts';
import type { RspSessionRow } from '../store/schema.ts';
import type { Es9Call, LogEntry } from './es9-call.ts';
import { newEntry } from './es9-call.ts';

type Holder = Pick<Context, 'masterKey'>;

const LIMIT = 5_000;
/** By TransactionID; `logged` when the log has it. */
const memoryOf = oncePer(
  (_key: MasterKey) => new ShortMemory<LogEntry | 'logged'>(SESSION_LIFETIME_MS, LIMIT),
);

/** Keeps what a call that has begun a session has told. */
export function keepFirstEntry({ entry }: Es9Call, context: Holder): void {
  memoryOf(context.masterKey).set(entry.transaction_id!, entry);
}

/** What the log of the profile is to have before a call of this session, if it has it not yet. */
export function earlierEntries(session: RspSessionRow, context: Holder): LogEntry[] {
  const kept = memoryOf(context.masterKey).get(session.transaction_id);
  if (kept === 'logged') return [];
  return [kept ?? forgotten(session)];
}

export function markLogged({ entry, earlier }: Es9Call, context: Holder): void {
  if (earlier.length > 0) memoryOf(context.masterKey).set(entry.transaction_id!, 'logged');
}

/** The session itself says when it began and that all went well. */
function forgotten({ transaction_id, date_created }: RspSessionRow): LogEntry {
  return {
    ...newEntry('initiateAuthentication', apiDate(new Date(date_created))),
    transaction_id,
    request: '-- not kept: answered by another node, or before a restart --',
  };
}
