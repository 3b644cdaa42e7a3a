// The head of a call that leads on within a session.
import type { Context } from '../context.ts';
import type { FoundSession } from '../smdp/download/rsp-session.ts';
import { digestOf, getSession } from '../smdp/download/rsp-session.ts';
import type { MessageName } from '../rsp/describe.ts';
import type { Es9Call, LogMessage } from './es9-call.ts';
import { messageMember, transactionIdMember } from './es9-call.ts';

export interface SessionCall<T> extends FoundSession {
  response: T;
  /** Names the request: the same bytes, the same digest. */
  digest: string;
}

/**
 * The response of the eUICC, which is a member named as its type, and the session that it belongs to.
 * Throws 1.6 / 2.1, 1.6 / 2.2 and 8.10.1 / 3.9.
 * @param step that the session must have reached
 * @param logged what the log is to hold of the response
 */
export async function readSessionCall<T, Name extends MessageName>(
  call: Es9Call,
  step: 'initiated' | 'authenticated',
  message: Name,
  type: { decode(der: Uint8Array): T },
  context: Context,
  logged?: LogMessage<Name, T>,
): Promise<SessionCall<T>> {
  const transactionId = transactionIdMember(call);
  const member = message.charAt(0).toLowerCase() + message.slice(1);
  const { value: response, der } = messageMember(call, member, message, type, logged);
  const digest = digestOf(der);
  // The TransactionID is unknown → 8.10.1 / 3.9
  const found = await getSession(transactionId, step, digest, context);
  return { ...found, response, digest };
}
