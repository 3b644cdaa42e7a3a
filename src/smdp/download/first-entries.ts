// What the log is to have of InitiateAuthentication, before it is known which profile the session is about. It waits
// in the memory of this node: a stranger can leave nothing in the store.
import type { Context } from '../../context.ts';
import type { MasterKey } from '../../process/keys.ts';
import { oncePer } from '../../process/once-per.ts';
import { ShortMemory } from '../../process/short-memory.ts';
import { apiDate } from '../../values/date.ts';
import { SESSION_LIFETIME_MS } from './begun-session.ts';
import type { Call, Learned, LogEntry } from './call.ts';
import { entryOf } from './call.ts';
import type { Begun } from './session.ts';

type Holder = Pick<Context, 'masterKey'>;

const LIMIT = 5_000;
/** By TransactionID; `logged` when the log has it. */
const memoryOf = oncePer(
  (_key: MasterKey) => new ShortMemory<LogEntry | 'logged'>(SESSION_LIFETIME_MS, LIMIT),
);

/** Keeps what a call that has begun a session has told. */
export function keepFirstEntry(transactionId: string, entry: LogEntry, context: Holder): void {
  memoryOf(context.masterKey).set(transactionId, entry);
}

/** What the log of the profile is to have before a call of this session, if it has it not yet. */
export function earlierEntries(session: Begun, context: Holder): LogEntry[] {
  const kept = memoryOf(context.masterKey).get(session.transactionId);
  if (kept === 'logged') return [];
  return [kept ?? forgotten(session)];
}

export function markLogged(call: Call, { earlier = [] }: Learned, context: Holder): void {
  if (earlier.length === 0 || call.transactionId === null) return;
  memoryOf(context.masterKey).set(call.transactionId, 'logged');
}

/** The session itself says when it began and that all went well. */
function forgotten({ transactionId, dateCreated }: Begun): LogEntry {
  const call = {
    function: 'initiateAuthentication',
    dateCreated: apiDate(new Date(dateCreated)),
    started: performance.now(),
    lpa: null,
    address: null,
    transactionId,
    request: '-- not kept: answered by another node, or before a restart --',
  };
  return entryOf(call, {});
}
