// §3.1.3: an RSP session, from InitiateAuthentication to the end of the download. It lies in the store once an
// eUICC is proven, so any node can answer its next call, and a call whose answer was lost gets the same answer again.
import { hash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { RspSessionRow } from '../../store/schema.ts';
import { findBegunSession } from './begun-session.ts';

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
  context: Context,
): Promise<FoundSession> {
  const session = await findSession(transactionId, context);
  if (session === undefined || session.date_expires < context.now().toISOString()) throw unknown();
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
  context: Context,
): Promise<RspSessionRow | undefined> {
  const bytes = parseTransactionId(transactionId);
  if (bytes === undefined) return undefined;
  const stored = await context.store.rspSessions.find(formatTransactionId(bytes));
  return stored ?? findBegunSession(transactionId, context);
}

/** §5.6: the TransactionID of a call is not one that it may have → 8.10.1 / 3.9 */
export function unknown(): FunctionExecutionError {
  return new FunctionExecutionError(
    '8.10.1',
    '3.9',
    'The TransactionID is unknown, or another call is due',
  );
}

/** Names a request: the same bytes, the same digest. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
