// §3.1.3: an RSP session, from InitiateAuthentication to the end of the download. It is stored once the eUICC is
// authenticated, so any node can answer its next call, and a call whose response was lost gets the same response
// again.
import { hash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import { NOT_DUE } from '../../store/rsp-sessions.ts';
import type { StoredSession } from '../../store/rsp-sessions.ts';
import type { RspSessionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { bytesOf } from '../../values/base64.ts';
import { findBegunSession } from './begun-session.ts';
import type { LoggedCall } from './call.ts';
import { toLogRow } from './call.ts';
import { encodeSessionLog } from './session-log.ts';

export type Session = Initiated | Authenticated | Bound | Ended;

/** The CIs chosen by InitiateAuthentication, upper-case hex. */
export interface ChosenCis {
  /** euiccCiPKIdToBeUsed */
  euiccCiPKId: string;
  /** The CI of our certificates in this session. */
  dpCiPKId: string;
}

export interface Begun extends ChosenCis {
  /** Upper-case hex. */
  transactionId: string;
  dateCreated: string;
  dateExpires: string;
}

/** The eUICC is not authenticated yet, and nothing is stored. */
export interface Initiated extends Begun {
  step: 'initiated';
}

/** The eUICC is authenticated, and has been offered a profile. */
export interface Authenticated extends Begun {
  step: 'authenticated';
  proven: Proven;
  /** Identifies the last refused GetBoundProfilePackage. */
  refused: string | undefined;
}

/** The profile was bound to the eUICC. */
export interface Bound extends Begun {
  step: 'bound';
  proven: Proven;
  binding: Binding;
}

/** A session may end at any step; the data it had reached still verifies later reports of the eUICC. */
export interface Ended extends Begun {
  step: 'ended';
  proven: Proven | undefined;
  binding: Binding | undefined;
}

/** An authenticated eUICC and the profile offered to it. */
export interface Proven {
  accountSid: string;
  iccid: string;
  /** The order that the profile was under then (functionCallIdentifier); undefined: an older version did not say. */
  orderedBy: string | undefined;
  /** Which of the profile's orders; undefined: an older version did not say. */
  orderNumber: number | undefined;
  eid: string;
  /** CERT.EUICC.ECDSA, base64: its key verifies later messages. */
  euiccCertificate: string;
  offer: SignedOffer;
  /** Identifies the answered AuthenticateClient. */
  digest: string;
  /** Whether its row holds the log of its calls: not if an older version stored it, or its log was deleted. */
  hasLog: boolean;
}

/** The contents of smdpSigned2 besides the TransactionID. */
export interface Offer {
  confirmationRequired: boolean;
  /** The one-time key to which the profile is already bound, if this eUICC returns. */
  bppEuiccOtpk: Uint8Array | undefined;
}

export interface SignedOffer extends Offer {
  /** r ‖ s */
  smdpSignature2: Uint8Array;
}

export interface Binding {
  /** Identifies the answered GetBoundProfilePackage. */
  digest: string;
  /** smdpSign of the InitialiseSecureChannel in the bound profile package; empty if made by an older version. */
  smdpSign: Uint8Array;
  /** Whether the profile had already been sent to this eUICC. */
  before: boolean;
}

/**
 * The session for an AuthenticateClient, if it is expected or a repeat of the answered call. Throws 8.10.1 / 3.9 if
 * there is none, it has expired, or another call is expected.
 */
export async function sessionToAuthenticate(
  transactionId: string,
  digest: string,
  context: Context,
): Promise<Initiated | Authenticated | Bound> {
  const session = await getSession(transactionId, context);
  if (session.step === 'ended') throw unknown();
  if (session.step !== 'initiated' && session.proven.digest !== digest) throw unknown();
  return session;
}

/** The same for GetBoundProfilePackage. */
export async function sessionToBind(
  transactionId: string,
  digest: string,
  context: Context,
): Promise<Authenticated | Bound> {
  const session = await getSession(transactionId, context);
  if (session.step === 'initiated' || session.step === 'ended') throw unknown();
  if (session.step === 'bound' && session.binding.digest !== digest) throw unknown();
  return session;
}

/** A session at any step that has not expired. Throws 8.10.1 / 3.9. */
export async function getSession(transactionId: string, context: Context): Promise<Session> {
  const session = await findSession(transactionId, context);
  if (session === undefined || session.dateExpires < context.now().toISOString()) throw unknown();
  return session;
}

/** A session at any step, even an expired one. */
export async function findSession(
  transactionId: string,
  context: Context,
): Promise<Session | undefined> {
  const bytes = parseTransactionId(transactionId);
  if (bytes === undefined) return undefined;
  const stored = await context.store.rspSessions.find(formatTransactionId(bytes));
  return stored === undefined ? findBegunSession(transactionId, context) : sessionOf(stored);
}

/** §5.6: the TransactionID is not valid for this call → 8.10.1 / 3.9 */
export function unknown(): FunctionExecutionError {
  return new FunctionExecutionError(
    '8.10.1',
    '3.9',
    'The TransactionID is unknown, or another call is expected',
  );
}

/** Identifies a request by its bytes. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/**
 * The row of a newly authenticated session.
 * @param logged its calls so far
 */
export function toRow(
  begun: Initiated,
  proven: Omit<Proven, 'hasLog'>,
  logged: readonly LoggedCall[],
): RspSessionRow {
  const { offer } = proven;
  return {
    transaction_id: begun.transactionId,
    step: 'authenticated',
    euicc_ci_pk_id: begun.euiccCiPKId,
    dp_ci_pk_id: begun.dpCiPKId,
    account_sid: proven.accountSid,
    iccid: proven.iccid,
    ordered_by: proven.orderedBy ?? null,
    order_number: proven.orderNumber ?? null,
    eid: proven.eid,
    euicc_certificate: proven.euiccCertificate,
    bound_before: 0,
    confirmation_required: offer.confirmationRequired ? 1 : 0,
    smdp_signature2: offer.smdpSignature2.toBase64(),
    authenticate_digest: proven.digest,
    bpp_euicc_otpk: offer.bppEuiccOtpk?.toBase64() ?? null,
    bind_digest: null,
    smdp_sign: null,
    date_created: begun.dateCreated,
    date_expires: begun.dateExpires,
    date_due: NOT_DUE,
    log: encodeSessionLog(logged, proven.euiccCertificate),
  };
}

/**
 * Moves a stored session on, together with the log of the call that does. Throws `Conflict` if it is no longer at the step
 * that was read.
 */
export async function moveOn(
  { step, transactionId, proven }: Authenticated | Bound,
  to: Pick<StoredSession, 'step'> & Partial<StoredSession>,
  logged: readonly LoggedCall[],
  { tables }: Unit,
): Promise<void> {
  const row = { transaction_id: transactionId, ...to };
  if (proven.hasLog && logged.length > 0) {
    const log = encodeSessionLog(logged, proven.euiccCertificate);
    return tables.rspSessions.advance(step, row, log);
  }
  await tables.rspSessions.advance(step, row);
  await tables.rspLog.insertMany(logged.map(toLogRow));
}

function sessionOf(row: StoredSession): Session {
  const begun = {
    transactionId: row.transaction_id,
    euiccCiPKId: row.euicc_ci_pk_id,
    dpCiPKId: row.dp_ci_pk_id,
    dateCreated: row.date_created,
    dateExpires: row.date_expires,
  };
  const proven = provenOf(row);
  const binding = bindingOf(row);
  if (row.step === 'ended') return { ...begun, step: 'ended', proven, binding };
  if (proven !== undefined && row.step === 'authenticated') {
    return { ...begun, step: 'authenticated', proven, refused: row.bind_digest ?? undefined };
  }
  if (proven !== undefined && binding !== undefined && row.step === 'bound') {
    return { ...begun, step: 'bound', proven, binding };
  }
  throw new Error(`session ${row.transaction_id} is ${row.step} without what that step has`);
}

function provenOf(row: StoredSession): Proven | undefined {
  const { account_sid, iccid, eid, euicc_certificate, smdp_signature2, authenticate_digest } = row;
  if (account_sid === null || iccid === null || eid === null || euicc_certificate === null) {
    return undefined;
  }
  return {
    accountSid: account_sid,
    iccid,
    orderedBy: row.ordered_by ?? undefined,
    orderNumber: row.order_number ?? undefined,
    eid,
    euiccCertificate: euicc_certificate,
    offer: {
      confirmationRequired: row.confirmation_required === 1,
      bppEuiccOtpk: bytesOf(row.bpp_euicc_otpk),
      smdpSignature2: bytesOf(smdp_signature2) ?? new Uint8Array(),
    },
    digest: authenticate_digest ?? '',
    hasLog: row.date_due === NOT_DUE,
  };
}

function bindingOf({ bind_digest, smdp_sign, bound_before }: StoredSession): Binding | undefined {
  const smdpSign = bytesOf(smdp_sign);
  if (smdpSign === undefined) return undefined;
  return { digest: bind_digest ?? '', smdpSign, before: bound_before === 1 };
}
