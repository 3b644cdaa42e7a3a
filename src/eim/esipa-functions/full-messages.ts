// Compact messages (minimizeEsipaBytes, SGP.32 §6.3.2) become those that the eUICC has signed, before anything goes to an SM-DP+: the eIM
// adds what it knows, and verifies the signature. If it does not know enough, or what it knows is not true any more, it refuses, so that
// the IPA can send the full message in the same session; and it asks for what was missing before the next download.
import type { EimContext } from '../eim.ts';
import { euiccInfo2Of } from '../capabilities.ts';
import { wantData } from '../operations/ask-before-download.ts';
import { confirmationOf } from '../operations/download.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { isSameKeyIdentifier } from '../../rsp/certificate-chain.ts';
import {
  AuthenticateServerResponseEsipa,
  CancelSessionResponseEsipa,
  PendingNotificationEsipa,
  PrepareDownloadResponseEsipa,
  type CompactAuthenticateResponseOk,
  type CompactCancelSessionResponseOk,
  type CompactOtherSignedNotification,
  type CompactPrepareDownloadResponseOk,
  type CompactProfileInstallationResult,
} from '../../rsp/definitions/compact.ts';
import { SmdpSigned2 } from '../../rsp/definitions/prepare-download.ts';
import { DerError } from '../../rsp/der-error.ts';
import {
  authenticateClientErrorsEsipa,
  cancelSessionErrorsEsipa,
  getBoundProfilePackageErrorsEsipa,
} from '../../rsp/eim-codes.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { hashCc } from '../../rsp/hash-cc.ts';
import { decodeEid, formatTransactionId, parseTransactionId } from '../../rsp/identifiers.ts';
import { cancelSessionReasons } from '../../rsp/reasons.ts';
import {
  rebuildAuthenticateServerResponse,
  rebuildCancelSessionResponse,
  rebuildEuiccSigned1,
  rebuildOtherSignedNotification,
  rebuildPrepareDownloadResponse,
  rebuildProfileInstallationResult,
  type EuiccCertificates,
} from '../../rsp/rebuild-messages.ts';
import { isSignature } from '../../rsp/signature.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { EuiccRow } from '../../store/schema.ts';
import { EsipaRefusal } from './refusal.ts';
import { sessionOf, type RspSession } from './rsp-session.ts';
import { bytesOf } from '../../values/base64.ts';
import { noteWaiting } from '../operations/note-waiting.ts';
import type { Triggered } from './triggered.ts';

/** In which download a message is, and what is known for it. */
interface Known {
  triggered: Triggered;
  /** Upper-case hex. */
  transactionId: string;
  context: EimContext;
}

/** Throws `FunctionExecutionError`, as those below. */
export async function fullAuthenticateServerResponse(
  compact: CompactAuthenticateResponseOk,
  { triggered, transactionId, context }: Known,
): Promise<Encoded<AuthenticateServerResponseEsipa>> {
  const session = sessionOf(triggered.sent, transactionId);
  const euicc = await context.store.euiccs.find(triggered.sent.eid);
  const kept = euicc && certificatesOf(euicc);
  const euiccCertificate = compact.euiccCertificate ?? kept?.euiccCertificate;
  const eumCertificate = compact.eumCertificate ?? kept?.eumCertificate;
  return orRefused(triggered, context, authenticateClientErrorsEsipa, () => {
    const euiccSigned1 = rebuildEuiccSigned1(compact.signedData, {
      serverSigned1: bytesOf(session?.serverSigned1),
      euiccInfo2: euicc && euiccInfo2Of(euicc),
      ctxParams1: bytesOf(session?.ctxParams1),
    });
    if (euiccSigned1 === undefined || euiccCertificate === undefined) return undefined;
    if (eumCertificate === undefined) return undefined;
    const certificates = { euiccCertificate, eumCertificate };
    const { euiccSignature1 } = compact;
    if (!isSignedBy(certificates, euiccSignature1, euiccSigned1)) return 'unsigned';
    const der = rebuildAuthenticateServerResponse(compact, euiccSigned1, certificates);
    return { value: AuthenticateServerResponseEsipa.decode(der), der };
  });
}

export async function fullPrepareDownloadResponse(
  compact: CompactPrepareDownloadResponseOk,
  { triggered, transactionId, context }: Known,
): Promise<Encoded<PrepareDownloadResponseEsipa>> {
  const session = sessionOf(triggered.sent, transactionId);
  const [smdpSigned2, smdpSignature2] = [session?.smdpSigned2, session?.smdpSignature2].map(
    bytesOf,
  );
  const certificates = await certificatesIn(session, triggered.sent.eid, context);
  const id = parseTransactionId(transactionId)!;
  const offered = smdpSigned2 && SmdpSigned2.decode(smdpSigned2);
  const confirmation =
    offered?.ccRequiredFlag === true
      ? await confirmationOf(triggered.operation, context)
      : undefined;
  return orRefused(triggered, context, getBoundProfilePackageErrorsEsipa, () => {
    const rebuilt = rebuildPrepareDownloadResponse(compact, {
      transactionId: id,
      bppEuiccOtpk: offered?.bppEuiccOtpk,
      hashCc: confirmation && hashCc(confirmation, id),
    });
    if (rebuilt === undefined || smdpSignature2 === undefined) return undefined;
    if (certificates === undefined) return undefined;
    const { der, signed } = rebuilt;
    const { euiccSignature2 } = compact;
    if (!isSignedBy(certificates, euiccSignature2, signed, smdpSignature2)) return 'unsigned';
    return { value: PrepareDownloadResponseEsipa.decode(der), der };
  });
}

/** Without a reason, it is the one with which the eUICC has signed. */
export async function fullCancelSessionResponse(
  compact: CompactCancelSessionResponseOk,
  { triggered, transactionId, context }: Known,
): Promise<Encoded<CancelSessionResponseEsipa>> {
  const session = sessionOf(triggered.sent, transactionId);
  const certificates = await certificatesIn(session, triggered.sent.eid, context);
  const { reason: named } = compact.compactEuiccCancelSessionSigned;
  const reasons = named === undefined ? Object.values(cancelSessionReasons) : [named];
  return orRefused(triggered, context, cancelSessionErrorsEsipa, () => {
    const smdpOid = session?.smdpOid;
    if (smdpOid === undefined || certificates === undefined) return undefined;
    for (const reason of reasons) {
      const known = { transactionId: parseTransactionId(transactionId)!, smdpOid, reason };
      const { der, signed } = rebuildCancelSessionResponse(compact, known);
      const { euiccCancelSessionSignature: signature } = compact;
      if (!isSignedBy(certificates, signature, signed)) continue;
      return { value: CancelSessionResponseEsipa.decode(der), der };
    }
    return 'unsigned';
  });
}

/**
 * @param named the EID that the IPA has given
 * @returns undefined if it cannot be rebuilt: it must come again as a whole
 */
export async function fullNotification(
  notification: Encoded<PendingNotificationEsipa>,
  named: string | undefined,
  context: EimContext,
): Promise<Encoded<PendingNotificationEsipa> | undefined> {
  const { compactProfileInstallationResult: installation, compactOtherSignedNotification: other } =
    notification.value;
  if (installation !== undefined) return fullInstallation(installation, context);
  if (other !== undefined) return fullOther(other, named, context);
  return notification;
}

async function fullInstallation(
  compact: CompactProfileInstallationResult,
  context: EimContext,
): Promise<Encoded<PendingNotificationEsipa> | undefined> {
  const { transactionId: id } = compact.compactProfileInstallationResultData;
  const transactionId = formatTransactionId(id);
  const sent = await context.store.eimOperations.packageByRspTransaction(transactionId);
  const session = sessionOf(sent, transactionId);
  if (sent === undefined || session?.smdpOid === undefined) return undefined;
  const { serverAddress, smdpOid } = session;
  const rebuilt = rebuildProfileInstallationResult(compact, {
    serverAddress,
    smdpOid,
    iccid: bytesOf(session.iccid),
  });
  const certificates = await certificatesIn(session, sent.eid, context);
  if (rebuilt === undefined || certificates === undefined) return undefined;
  if (!isSignedBy(certificates, compact.euiccSignPIR, rebuilt.signed)) return undefined;
  return decoded(rebuilt.der);
}

async function fullOther(
  compact: CompactOtherSignedNotification,
  named: string | undefined,
  { store }: EimContext,
): Promise<Encoded<PendingNotificationEsipa> | undefined> {
  const { eidValue, euiccNotificationSignature: signature } = compact;
  const eid = eidValue === undefined ? named : decodeEid(eidValue);
  const euicc = eid === undefined ? undefined : await store.euiccs.find(eid);
  const certificates = euicc && certificatesOf(euicc);
  if (certificates === undefined || !isOfCi(certificates, compact)) return undefined;
  const { der, signed } = rebuildOtherSignedNotification(compact, certificates);
  return isSignedBy(certificates, signature, signed) ? decoded(der) : undefined;
}

function decoded(der: Uint8Array): Encoded<PendingNotificationEsipa> | undefined {
  try {
    return { value: PendingNotificationEsipa.decode(der), der };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return undefined;
  }
}

/** Since v1.3: the CI under which it was signed, perhaps cut. */
function isOfCi(
  { eumCertificate }: EuiccCertificates,
  { euiccCiPKIdentifierToBeUsed: wanted }: CompactOtherSignedNotification,
): boolean {
  if (wanted === undefined) return true;
  const { authorityKeyIdentifier: ci } = parseCertificate(eumCertificate).extensions;
  return isSameKeyIdentifier(ci?.subarray(0, wanted.length), wanted);
}

/** Verified when they were kept. */
function certificatesOf(euicc: EuiccRow): EuiccCertificates | undefined {
  const [euiccCertificate, eumCertificate] = [euicc.euicc_certificate, euicc.eum_certificate].map(
    bytesOf,
  );
  if (euiccCertificate === undefined || eumCertificate === undefined) return undefined;
  return { euiccCertificate, eumCertificate };
}

async function certificatesIn(
  session: RspSession | undefined,
  eid: string,
  { store }: EimContext,
): Promise<EuiccCertificates | undefined> {
  const [euiccCertificate, eumCertificate] = [
    session?.euiccCertificate,
    session?.eumCertificate,
  ].map(bytesOf);
  if (euiccCertificate !== undefined && eumCertificate !== undefined) {
    return { euiccCertificate, eumCertificate };
  }
  const euicc = await store.euiccs.find(eid);
  return euicc && certificatesOf(euicc);
}

function isSignedBy(
  { euiccCertificate }: EuiccCertificates,
  signature: Uint8Array,
  ...signed: readonly Uint8Array[]
): boolean {
  try {
    return isSignature(parseCertificate(euiccCertificate).publicKey, signature, ...signed);
  } catch (error) {
    if (error instanceof DerError || error instanceof VerifyError) return false;
    throw error;
  }
}

const NOT_KNOWN =
  'A compact message: the eIM does not know what is left out. Send the full message';
const NOT_SIGNED =
  'A compact message: with what the eIM knows, the signature is wrong. Send the full message';

async function orRefused<T>(
  triggered: Triggered,
  context: EimContext,
  errors: { readonly undefinedError: number },
  rebuild: () => T | 'unsigned' | undefined,
): Promise<T> {
  let rebuilt: T | 'unsigned' | undefined;
  try {
    rebuilt = rebuild();
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new FunctionExecutionError('1.6', '2.1', `The message is not valid: ${error.message}`);
  }
  if (rebuilt !== undefined && rebuilt !== 'unsigned') return rebuilt;
  const message = rebuilt === undefined ? NOT_KNOWN : NOT_SIGNED;
  // Only there, what the eIM adds is of the eUICC, and may not be true any more.
  const isOfEuicc = rebuilt === undefined || errors === authenticateClientErrorsEsipa;
  if (isOfEuicc) await wantData(triggered.sent.eid, context);
  await noteWaiting(triggered.operation, message, context);
  if (rebuilt === undefined) throw new EsipaRefusal(errors.undefinedError, '1.6', '2.3', message);
  throw new FunctionExecutionError('8.1', '6.1', message);
}
