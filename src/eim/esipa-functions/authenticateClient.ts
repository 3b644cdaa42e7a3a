// SGP.32 §6.3.2.2 ESipa.AuthenticateClient, relayed: only for the eUICC for which the download was triggered.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { callEs9Plus, malformed, optionalTlvIn, tlvIn } from '../es9plus.ts';
import { eidIn, verifiedEuicc } from '../euicc-record.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { confirmationOf } from '../operations/download.ts';
import { fullAuthenticateServerResponse } from './full-messages.ts';
import { keepAuthenticated, type AuthenticatedBySmdp } from './keep-authenticated.ts';
import { noteWaiting } from '../operations/note-waiting.ts';
import { EsipaRefusal } from './refusal.ts';
import type { AuthenticatedBySmds } from './take-events.ts';
import { takeEvents } from './take-events.ts';
import type { Triggered } from './triggered.ts';
import {
  failDownload,
  isOfSession,
  isTrusted,
  CONFIRMATION_WANTED,
  noteTransaction,
  notingUnavailable,
  refusedBySmdp,
  smdpOf,
  triggerOf,
  triggeredBy,
} from './triggered.ts';
import { verifyPolicyRules } from './verify-metadata.ts';
import type { AuthenticateServerResponseEsipa } from '../../rsp/definitions/compact.ts';
import { SmdpSigned2 } from '../../rsp/definitions/prepare-download.ts';
import { encodeTlv } from '../../rsp/der.ts';
import { DerError } from '../../rsp/der-error.ts';
import { authenticateClientErrorsEsipa } from '../../rsp/eim-codes.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { hashCc } from '../../rsp/hash-cc.ts';
import { formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import { authenticateErrorCodes, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';

export type AuthenticateClientAnswer = AuthenticatedBySmdp | AuthenticatedBySmds;

const errors = authenticateClientErrorsEsipa;

/** @param transactionId upper-case hex. Throws `FunctionExecutionError`, `SmdpUnavailable`, `Conflict`. */
export async function authenticateClient(
  transactionId: string,
  given: Encoded<AuthenticateServerResponseEsipa>,
  caller: Caller,
  context: EimContext,
): Promise<AuthenticateClientAnswer> {
  const { authenticateResponseOk: ok, compactAuthenticateResponseOk: compact } = given.value;
  const certificate = ok?.euiccCertificate ?? compact?.euiccCertificate;
  const eid = certificate && eidIn(certificate);
  const triggered = await findTriggered(transactionId, eid, context);
  const { value, der } =
    compact === undefined
      ? given
      : await fullAuthenticateServerResponse(compact, { triggered, transactionId, context });
  try {
    return await notingUnavailable(triggered, context, () =>
      authenticate(transactionId, { value, der }, triggered, caller, context),
    );
  } catch (error) {
    // What the eIM itself refuses, the IPA cancels.
    if (!(error instanceof FunctionExecutionError) || error instanceof EsipaRefusal) throw error;
    const isOwn = value.authenticateResponseError !== undefined;
    if (isOfSession(error) && !isOwn) throw error;
    const reason = reasonOf(value, error);
    // What the eUICC has not signed, its own error among it, anybody may have sent who knows its EID.
    if (isOfEuicc(value, triggered, transactionId, context)) {
      await failDownload(triggered, reason, context);
    } else await failUnsigned(triggered.sent, reason, undefined, context);
    throw error;
  }
}

async function authenticate(
  transactionId: string,
  { value, der }: Encoded<AuthenticateServerResponseEsipa>,
  triggered: Triggered,
  caller: Caller,
  context: EimContext,
): Promise<AuthenticateClientAnswer> {
  const address = smdpOf(triggered);
  if (address === undefined) {
    throw new FunctionExecutionError('8.10.1', '3.9', 'The download has no SM-DP+ yet');
  }
  const answer = await callEs9Plus(
    context.eim.es9plus,
    'authenticateClient',
    address,
    { transactionId, authenticateServerResponse: der.toBase64() },
    caller,
  );
  // Now that it has verified whose it is.
  if (triggered.sent.rsp_transaction_id !== transactionId) {
    await noteTransaction(triggered, transactionId, address, undefined, context);
  }
  // One that somebody we trust has named has verified that, too.
  const isProved =
    isTrusted(triggered, address, context) || isOfEuicc(value, triggered, transactionId, context);
  // SGP.22 §5.8.2: only an SM-DS has events.
  if (answer['eventEntries'] !== undefined) {
    await keepAuthenticated(value, undefined, triggered, context);
    if (!isProved) throw unproved();
    return takeEvents(answer['eventEntries'], transactionId, triggered, context);
  }
  const authenticated = {
    transactionId,
    profileMetadata: optionalTlvIn(answer, 'profileMetadata', 0xbf25),
    smdpSigned2: tlvIn(answer, 'smdpSigned2', 0x30),
    smdpSignature2: tlvIn(answer, 'smdpSignature2', 0x5f37),
    smdpCertificate: tlvIn(answer, 'smdpCertificate', 0x30),
  };
  await keepAuthenticated(value, authenticated, triggered, context);
  await verifyPolicyRules(authenticated.profileMetadata, triggered, context);
  if (!isProved) return authenticated;
  return { ...authenticated, ...(await confirmationFor(authenticated, triggered, context)) };
}

/** SGP.32 §3.2.3.2: of a confirmation code that the eIM holds, if the SM-DP+ wants one. */
async function confirmationFor(
  { smdpSigned2, transactionId }: AuthenticatedBySmdp,
  triggered: Triggered,
  context: EimContext,
): Promise<{ hashCc?: Uint8Array }> {
  if (!isConfirmationWanted(smdpSigned2)) return {};
  const confirmation = await confirmationOf(triggered.operation, context);
  if (confirmation === undefined) {
    // The device may know it.
    await noteWaiting(triggered.operation, CONFIRMATION_WANTED, context);
    return {};
  }
  const hash = hashCc(confirmation, parseTransactionId(transactionId)!);
  return { hashCc: encodeTlv(0x04, hash) };
}

function isConfirmationWanted(smdpSigned2: Uint8Array): boolean {
  try {
    return SmdpSigned2.decode(smdpSigned2).ccRequiredFlag;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw malformed('with a smdpSigned2 that is none');
  }
}

/**
 * Whether the eUICC has signed it for this session. Whoever knows an EID can write a certificate with it, and may have the signature of
 * another session: then the SM-DP+ refuses, and the download goes on.
 */
function isOfEuicc(
  { authenticateResponseOk: ok }: AuthenticateServerResponseEsipa,
  triggered: Triggered,
  transactionId: string,
  context: EimContext,
): boolean {
  if (ok === undefined) return false;
  const { eid } = triggered.sent;
  const { transactionId: signedId, serverAddress } = ok.euiccSigned1.value;
  const isOfThis =
    formatTransactionId(signedId) === transactionId &&
    serverAddress.toLowerCase() === smdpOf(triggered)?.toLowerCase();
  if (!isOfThis) return false;
  const verified = verifiedEuicc(eid, ok.euiccCertificate, ok.eumCertificate, context);
  return (
    typeof verified === 'object' &&
    isSignature(verified.publicKey, ok.euiccSignature1, ok.euiccSigned1.der)
  );
}

function reasonOf(
  { authenticateResponseError: own }: AuthenticateServerResponseEsipa,
  refusal: FunctionExecutionError,
) {
  if (own === undefined) return refusedBySmdp(refusal);
  const errorCode = nameOf(authenticateErrorCodes, own.authenticateErrorCode) ?? 'undefinedError';
  return { errorCode, errorMessage: `The eUICC does not accept the SM-DP+: ${errorCode}` };
}

/** Events are downloads, and a hash of a confirmation code tells a short one: neither is for a server of anybody's. */
const unproved = () =>
  new FunctionExecutionError('8.1', '6.1', 'The eUICC has not signed it, as far as the eIM knows');

/** An IPA of v1.0.1 names no eimTransactionId, so that the eUICC alone tells which download it is. */
async function findTriggered(
  transactionId: string,
  eid: string | undefined,
  context: EimContext,
): Promise<Triggered> {
  const { eimOperations } = context.store;
  const known = await triggeredBy(
    await eimOperations.packageByRspTransaction(transactionId),
    context,
  );
  if (known !== undefined) {
    if (eid === undefined || eid === known.sent.eid) return known;
    const message = 'The download was triggered for another eUICC';
    throw new EsipaRefusal(errors.eidMismatch, '8.1.1', '3.8', message);
  }
  const found = eid === undefined ? undefined : await triggerOf(eid, context);
  if (found === undefined) {
    throw new FunctionExecutionError('8.10.1', '3.9', 'No download was triggered for this eUICC');
  }
  return found;
}
