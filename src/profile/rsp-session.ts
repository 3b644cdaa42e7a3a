// §3.1.3: an RSP session, from InitiateAuthentication to the end of the download. It lies in the store,
// so any node can answer its next call, and a call whose answer was lost gets the same answer again.
import { hash } from 'node:crypto';
import { formatTransactionId, parseTransactionId } from '../rsp/identifiers.ts';
import { RspError } from '../rsp/rsp-error.ts';
import type { RspSessionRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** A person may think about a profile for so long. */
export const SESSION_LIFETIME_MS = 30 * 60 * 1000;

/** The session of a call, and whether this very call was answered before: then the answer is the same. */
export interface FoundSession {
  session: RspSessionRow;
  isRepeated: boolean;
}

/**
 * The session that `transactionId` names, due for the call that leads on from `step`.
 * Throws 8.10.1 / 3.9 when there is none, when it has expired, or when another call is due.
 */
export async function getSession(
  transactionId: string,
  step: 'initiated' | 'authenticated',
  digest: string,
  store: Store,
  now: Date,
): Promise<FoundSession> {
  const session = await findSession(transactionId, store);
  if (session === undefined || session.date_expires < now.toISOString()) throw unknown();
  if (session.step === step) return { session, isRepeated: false };
  const [answered, since] =
    step === 'initiated'
      ? [session.authenticate_digest, ['authenticated', 'bound']]
      : [session.bind_digest, ['bound']];
  if (answered !== digest || !since.includes(session.step)) throw unknown();
  return { session, isRepeated: true };
}

/** A session whatever its step, also after its end. */
export async function findSession(
  transactionId: string,
  store: Store,
): Promise<RspSessionRow | undefined> {
  const bytes = parseTransactionId(transactionId);
  return bytes && store.rspSessions.find(formatTransactionId(bytes));
}

/** §5.6: the TransactionID of a call is not one that it may have → 8.10.1 / 3.9 */
export function unknown(): RspError {
  return new RspError('8.10.1', '3.9', 'The TransactionID is unknown, or another call is due');
}

/** Names a request: the same bytes, the same digest. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
