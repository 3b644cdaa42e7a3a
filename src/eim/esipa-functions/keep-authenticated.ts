// What an eUICC tells when it authenticates itself, and its SM-DP+ when it answers: certificates that were not known yet, and what is
// needed later to rebuild compact messages, or to do what the IPA leaves to its eIM.
import type { EimContext } from '../eim.ts';
import { mayBeCompact, needsSession } from '../capabilities.ts';
import { verifiedEuicc } from '../euicc-record.ts';
import { afterSignedInfo } from '../operations/ask-before-download.ts';
import type { RspSession } from './rsp-session.ts';
import { sessionOf, textOfSession } from './rsp-session.ts';
import type { Triggered } from './triggered.ts';
import { digestOf } from './verify-metadata.ts';
import { findSmdpOid } from '../../rsp/certificate-chain.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { childrenOf } from '../../rsp/asn1-tolerant.ts';
import type { AuthenticateResponseOk } from '../../rsp/definitions/authenticate-server.ts';
import type { AuthenticateServerResponseEsipa } from '../../rsp/definitions/compact.ts';
import { SmdpSigned2 } from '../../rsp/definitions/prepare-download.ts';
import { StoreMetadataRequest } from '../../rsp/definitions/profile-metadata.ts';
import { DerError } from '../../rsp/der-error.ts';
import { readDer } from '../../rsp/der.ts';
import { isSignature } from '../../rsp/signature.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { EuiccRow } from '../../store/schema.ts';

const EUICC_INFO_2 = 0xbf22;

/** Of an SM-DP+. */
export interface AuthenticatedBySmdp {
  transactionId: string;
  profileMetadata: Uint8Array | undefined;
  smdpSigned2: Uint8Array;
  /** TLV, like the others. */
  smdpSignature2: Uint8Array;
  smdpCertificate: Uint8Array;
  hashCc?: Uint8Array;
}

/** @param authenticated what the SM-DP+ has answered; undefined: an SM-DS */
export async function keepAuthenticated(
  { authenticateResponseOk: ok }: AuthenticateServerResponseEsipa,
  authenticated: AuthenticatedBySmdp | undefined,
  { sent }: Triggered,
  context: EimContext,
): Promise<void> {
  if (ok === undefined) return;
  const euicc = await context.store.euiccs.find(sent.eid);
  if (euicc === undefined) return;
  const learned = learnedFrom(ok, euicc, context);
  const session =
    needsSession(euicc) && authenticated ? sessionAfter(ok, authenticated, euicc) : undefined;
  if (learned === undefined && session === undefined) return;
  await context.transact(async ({ tables }) => {
    const locked = await tables.euiccs.lock(sent.eid);
    if (locked?.sid !== euicc.sid) return;
    const now = learned && learnedFrom(ok, locked, context);
    if (now !== undefined) await tables.euiccs.update(sent.eid, now);
    const open = await tables.eimOperations.newestPackage(sent.eid, sent.operation_sid);
    if (session === undefined || open?.state !== 'open') return;
    const { transactionId } = session;
    if (open.rsp_transaction_id !== transactionId) return;
    const kept: RspSession = { ...sessionOf(open, transactionId), ...session };
    await tables.eimOperations.updatePackage(open, { rsp_session: textOfSession(kept) });
  });
}

/** Only what the eUICC itself has signed, or what is verified up to a CI. @returns the changes; undefined: all is known */
function learnedFrom(
  ok: AuthenticateResponseOk,
  euicc: EuiccRow,
  context: EimContext,
): Partial<EuiccRow> | undefined {
  const info = signedInfo(ok);
  const changed =
    mayBeCompact(euicc) && info !== undefined ? afterSignedInfo(euicc, info) : undefined;
  if (changed === undefined && euicc.euicc_certificate !== null) return undefined;
  const { euiccCertificate, eumCertificate, euiccSigned1, euiccSignature1 } = ok;
  const verified = verifiedEuicc(euicc.eid, euiccCertificate, eumCertificate, context);
  if (typeof verified === 'string') return undefined;
  const isSigned = isSignature(verified.publicKey, euiccSignature1, euiccSigned1.der);
  return {
    ...(isSigned ? changed : {}),
    ...(euicc.euicc_certificate === null
      ? {
          euicc_certificate: euiccCertificate.toBase64(),
          eum_certificate: eumCertificate.toBase64(),
        }
      : {}),
  };
}

const signedInfo = ({ euiccSigned1 }: AuthenticateResponseOk) =>
  childrenOf(readDer(euiccSigned1.der)).find(({ tag }) => tag === EUICC_INFO_2)?.der;

/** @returns undefined if the SM-DP+ has answered with something else: then no message of it can be compact */
function sessionAfter(
  ok: AuthenticateResponseOk,
  {
    transactionId,
    profileMetadata,
    smdpSigned2,
    smdpSignature2,
    smdpCertificate,
  }: AuthenticatedBySmdp,
  euicc: EuiccRow,
): RspSession | undefined {
  try {
    SmdpSigned2.decode(smdpSigned2);
    const { iccid } =
      profileMetadata === undefined ? {} : StoreMetadataRequest.decode(profileMetadata);
    const euiccCertificate = ok.euiccCertificate.toBase64();
    const isOther = euiccCertificate !== euicc.euicc_certificate;
    return {
      transactionId,
      serverAddress: ok.euiccSigned1.value.serverAddress,
      smdpOid: findSmdpOid(parseCertificate(smdpCertificate)),
      smdpSigned2: smdpSigned2.toBase64(),
      smdpSignature2: smdpSignature2.toBase64(),
      ...(iccid === undefined ? {} : { iccid: iccid.toBase64() }),
      ...(profileMetadata === undefined ? {} : { metadata: digestOf(profileMetadata) }),
      ...(isOther ? { euiccCertificate, eumCertificate: ok.eumCertificate.toBase64() } : {}),
    };
  } catch (error) {
    if (!(error instanceof DerError || error instanceof VerifyError)) throw error;
    return undefined;
  }
}
