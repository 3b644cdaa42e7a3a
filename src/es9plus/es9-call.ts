// One call of an ES9+ function: its members, and what the log is to say of it.
import type { About } from '../smdp/download/ordered-profile.ts';
import { loggedMessage } from '../smdp/download/logged-message.ts';
import { DerError } from '../rsp/der-error.ts';
import type { MessageName } from '../rsp/describe.ts';
import { formatTransactionId, parseTransactionId } from '../rsp/identifiers.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { RspLogRow } from '../store/schema.ts';

/** What a call has told so far, for the log of the profile that it turns out to be about. */
export type LogEntry = Omit<RspLogRow, 'account_sid' | 'esim_profile_sid' | 'sid'>;

export interface Es9Call {
  /** The members of the JSON request. */
  members: Record<string, unknown>;
  entry: LogEntry;
  /** Entries of calls that came before it was known what the session is about. */
  earlier: LogEntry[];
  /** Whether the log was written with what the call has changed. */
  isLogged: boolean;
  /** As `performance.now()` tells it. */
  started: number;
  /** The profile that the call is about, when it is known. */
  about?: About | undefined;
}

/** An entry for a call of which nothing is known yet. */
export function newEntry(name: string, dateCreated: string): LogEntry {
  return {
    function: name,
    transaction_id: null,
    eid: null,
    tac: null,
    imei: null,
    lpa: null,
    address: null,
    duration_ms: 0,
    status: 'Executed-Success',
    subject_code: null,
    reason_code: null,
    message: null,
    request: '',
    response: null,
    date_created: dateCreated,
  };
}

/** The members of an answer, besides its header; undefined: no body at all. */
export type Es9Answer = Record<string, string> | undefined;

/** The member that names the session, and goes into the log in the form that it has there. */
export function transactionIdMember(call: Es9Call): string {
  const text = textMember(call, 'transactionId');
  const bytes = parseTransactionId(text);
  call.entry.transaction_id = bytes === undefined ? null : formatTransactionId(bytes);
  return text;
}

/** A member that must be a text. Throws 1.6 / 2.2 when it is missing, 1.6 / 2.1 when it is none. */
export function textMember({ members }: Es9Call, name: string): string {
  const value = members[name];
  if (value === undefined || value === null) {
    throw new FunctionExecutionError('1.6', '2.2', `${name} is missing`, name);
  }
  if (typeof value !== 'string')
    throw new FunctionExecutionError('1.6', '2.1', `${name} must be a text`, name);
  return value;
}

/** §6.5.2: the bytes of a member in base64, in which white space may stand. Throws 1.6 / 2.1. */
export function bytesMember(call: Es9Call, name: string): Uint8Array {
  const text = textMember(call, name).replaceAll(/\s/g, '');
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new FunctionExecutionError('1.6', '2.1', `${name} must be base64`, name);
  }
  return Uint8Array.fromBase64(text);
}

/** What the log is to hold of a message. */
export type LogMessage<Name, T> = (message: Name, der: Uint8Array, value: T) => string;

/**
 * A message in a member, with its bytes as they came, which the log gets too. Throws 1.6 / 2.1.
 * @param logged what the log is to hold of it
 */
export function messageMember<T, Name extends MessageName>(
  call: Es9Call,
  name: string,
  message: Name,
  type: { decode(der: Uint8Array): T },
  logged: LogMessage<Name, T> = loggedMessage,
): { value: T; der: Uint8Array } {
  const der = bytesMember(call, name);
  try {
    const value = type.decode(der);
    call.entry.request = logged(message, der, value);
    return { value, der };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new FunctionExecutionError(
      '1.6',
      '2.1',
      `${name} is no ${message}: ${error.message}`,
      name,
    );
  }
}

export function base64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

export function fromBase64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text);
}

export function hex(bytes: Uint8Array): string {
  return bytes.toHex().toUpperCase();
}
