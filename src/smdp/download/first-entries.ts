// Log entries of InitiateAuthentication, kept in the memory of the worker that answered until the session's profile is
// known, so strangers leave nothing in the store. The session's next call may reach another worker, which asks for it.
import type { Context } from '../../context.ts';
import type { MasterKey } from '../../process/keys.ts';
import { oncePer } from '../../process/once-per.ts';
import { ShortMemory } from '../../process/short-memory.ts';
import type { BindingName } from '../../store/schema.ts';
import { apiDate } from '../../values/date.ts';
import { SESSION_LIFETIME_MS } from './begun-session.ts';
import type { Call, Learned, LogEntry } from './call.ts';
import { entryOf } from './call.ts';
import type { Begun } from './session.ts';

type Holder = Pick<Context, 'masterKey' | 'peers'>;

const LIMIT = 5_000;
/** By TransactionID; `logged` once the entry is in the log. */
const memoryOf = oncePer(
  (_key: MasterKey) => new ShortMemory<LogEntry | 'logged'>(SESSION_LIFETIME_MS, LIMIT),
);

/** Keeps the entry of a call that started a session. */
export function keepFirstEntry(transactionId: string, entry: LogEntry, context: Holder): void {
  memoryOf(context.masterKey).set(transactionId, entry);
}

/** Entries that the profile's log still lacks from before a call of this session. */
export async function earlierEntries(
  session: Begun,
  { binding }: Call,
  context: Holder,
): Promise<LogEntry[]> {
  const { transactionId } = session;
  const own = memoryOf(context.masterKey).get(transactionId);
  const kept = own ?? ((await context.peers.ask('first entry', transactionId)) as typeof own);
  if (kept === 'logged') return [];
  return [kept ?? forgotten(session, binding)];
}

export function markLogged(
  { transactionId }: Call,
  { earlier = [] }: Learned,
  { masterKey, peers }: Holder,
): void {
  if (earlier.length === 0 || transactionId === null) return;
  const memory = memoryOf(masterKey);
  const isOfOther = memory.get(transactionId) === undefined;
  memory.set(transactionId, 'logged');
  if (isOfOther) peers.tell('first entry logged', transactionId);
}

/** Lends entries to other workers. */
export function lendFirstEntries({ masterKey, peers }: Holder): void {
  const memory = memoryOf(masterKey);
  peers.onAsked('first entry', (transactionId) => memory.get(transactionId));
  peers.onTold('first entry logged', (transactionId) => {
    if (memory.get(transactionId) !== undefined) memory.set(transactionId, 'logged');
  });
}

/** Reconstructed from the session: its start, and its success, in the binding that the LPA uses now. */
function forgotten({ transactionId, dateCreated }: Begun, binding: BindingName): LogEntry {
  const call: Call = {
    function: 'initiateAuthentication',
    binding,
    dateCreated: apiDate(new Date(dateCreated)),
    started: performance.now(),
    lpa: null,
    address: null,
    transactionId,
    request: ['-- not kept: answered by another node, or before a restart --'],
  };
  return entryOf(call, {});
}
