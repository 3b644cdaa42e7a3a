// SGP.32 §6.3.2.2 ESipa.AuthenticateClient, relayed: only for the eUICC for which the download was triggered.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { bytesIn, callEs9Plus, optionalBytesIn } from '../es9plus.ts';
import { verifiedEuicc } from '../euicc-record.ts';
import { failUnsigned } from '../operations/attempts.ts';
import { EsipaRefusal } from './refusal.ts';
import type { Triggered } from './triggered.ts';
import {
  failDownload,
  isOfSession,
  noteTransaction,
  refusedBySmdp,
  triggerOf,
  triggeredBy,
} from './triggered.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import type { AuthenticateServerResponseEsipa } from '../../rsp/definitions/compact.ts';
import { DerError } from '../../rsp/der-error.ts';
import { authenticateClientErrorsEsipa } from '../../rsp/eim-codes.ts';
import { findEid } from '../../rsp/eid-range.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { authenticateErrorCodes, nameOf } from '../../rsp/reasons.ts';
import { isSignature } from '../../rsp/signature.ts';
import { VerifyError } from '../../rsp/verify-error.ts';

export interface AuthenticateClientAnswer {
  transactionId: string;
  profileMetadata: Uint8Array | undefined;
  smdpSigned2: Uint8Array;
  /** TLV */
  smdpSignature2: Uint8Array;
  smdpCertificate: Uint8Array;
}

const errors = authenticateClientErrorsEsipa;

/** @param transactionId upper-case hex. Throws `FunctionExecutionError`, `SmdpUnavailable`, `Conflict`. */
export async function authenticateClient(
  transactionId: string,
  { value, der }: Encoded<AuthenticateServerResponseEsipa>,
  caller: Caller,
  context: EimContext,
): Promise<AuthenticateClientAnswer> {
  if (value.compactAuthenticateResponseOk !== undefined) throw compact();
  const eid = eidIn(value);
  const triggered = await findTriggered(transactionId, eid, context);
  try {
    const answer = await callEs9Plus(
      context.eim.es9plus,
      'authenticateClient',
      triggered.smdpAddress,
      { transactionId, authenticateServerResponse: der.toBase64() },
      caller,
    );
    // Now that the SM-DP+ has verified whose it is.
    if (triggered.sent.rsp_transaction_id !== transactionId) {
      await noteTransaction(triggered, transactionId, context);
    }
    await keepCertificates(value, triggered, context);
    return {
      transactionId,
      profileMetadata: optionalBytesIn(answer, 'profileMetadata'),
      smdpSigned2: bytesIn(answer, 'smdpSigned2'),
      smdpSignature2: bytesIn(answer, 'smdpSignature2'),
      smdpCertificate: bytesIn(answer, 'smdpCertificate'),
    };
  } catch (error) {
    if (!(error instanceof FunctionExecutionError)) throw error;
    const isMeant =
      value.authenticateResponseError !== undefined ||
      (!isOfSession(error) && isOfEuicc(value, triggered, context));
    if (isMeant) {
      const reason = reasonOf(value, error);
      // Its own error has no signature.
      if (value.authenticateResponseError === undefined) {
        await failDownload(triggered, reason, context);
      } else await failUnsigned(triggered.sent, reason, undefined, context);
    }
    throw error;
  }
}

/** Whoever knows an EID can write a certificate with it: then the SM-DP+ refuses, and the download goes on. */
function isOfEuicc(
  { authenticateResponseOk: ok }: AuthenticateServerResponseEsipa,
  { sent: { eid } }: Triggered,
  context: EimContext,
): boolean {
  if (ok === undefined) return false;
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

function compact(): EsipaRefusal {
  const message = 'Compact messages are not offered: this eIM does not offer minimizeEsipaBytes';
  return new EsipaRefusal(errors.undefinedError, '1.6', '2.1', message);
}

/** Undefined of an error, which has no certificate. */
function eidIn({
  authenticateResponseOk: ok,
}: AuthenticateServerResponseEsipa): string | undefined {
  if (ok === undefined) return undefined;
  try {
    return findEid(parseCertificate(ok.euiccCertificate));
  } catch (error) {
    if (error instanceof DerError || error instanceof VerifyError) return undefined;
    throw error;
  }
}

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

/** SGP.32 §2.11.2.2: those of an eUICC whose IPA has not told them yet. The SM-DP+ has verified its signature with them. */
async function keepCertificates(
  { authenticateResponseOk: ok }: AuthenticateServerResponseEsipa,
  { sent: { eid } }: Triggered,
  context: EimContext,
): Promise<void> {
  if (ok === undefined) return;
  const { euiccCertificate, eumCertificate } = ok;
  const verified = verifiedEuicc(eid, euiccCertificate, eumCertificate, context);
  if (typeof verified === 'string') return;
  const certificates = {
    euicc_certificate: euiccCertificate.toBase64(),
    eum_certificate: eumCertificate.toBase64(),
  };
  await context.transact(async ({ tables }) => {
    const euicc = await tables.euiccs.lock(eid);
    if (euicc === undefined || euicc.euicc_certificate !== null) return;
    await tables.euiccs.update(eid, certificates);
  });
}
