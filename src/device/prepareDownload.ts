// ES10b.PrepareDownload, §5.7.5: the eUICC verifies the server's second message and sends its one-time key.
import { parseCertificate, type Certificate } from '../rsp/certificate.ts';
import { verifyServer } from '../rsp/certificate-chain.ts';
import {
  EUICCSigned2,
  PrepareDownloadRequest,
  PrepareDownloadResponse,
} from '../rsp/definitions/prepare-download.ts';
import { encodeTlv } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import { encoded } from '../rsp/encoded.ts';
import { downloadErrorCodes, type DownloadErrorCode } from '../rsp/reasons.ts';
import { isSignature } from '../rsp/signature.ts';
import { VerifyError } from '../rsp/verify-error.ts';
import { signAs, type Euicc } from './euicc.ts';
import { keptOneTimeKey, newOneTimeKey } from './one-time-keys.ts';
import type { EuiccSession } from './session.ts';

class Refusal extends Error {
  readonly code: DownloadErrorCode;

  constructor(code: DownloadErrorCode) {
    super(code);
    this.code = code;
  }
}

/** DER in, DER out. Throws `DerError` for a malformed request. */
export function prepareDownload(euicc: Euicc, der: Uint8Array): Uint8Array {
  const request = PrepareDownloadRequest.decode(der);
  try {
    return accept(euicc, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return PrepareDownloadResponse.encode({
      downloadResponseError: {
        transactionId: request.smdpSigned2.value.transactionId,
        downloadErrorCode: downloadErrorCodes[error.code],
      },
    });
  }
}

function accept(euicc: Euicc, request: PrepareDownloadRequest): Uint8Array {
  const { session, misbehaviour } = euicc;
  if (misbehaviour.downloadErrorCode !== undefined) {
    throw new Refusal(misbehaviour.downloadErrorCode);
  }
  // §5.7.5: requires an authenticated server whose package is not being loaded yet.
  if (session === undefined || session.prepared?.loading !== undefined) {
    throw new Refusal('noSessionContext');
  }
  const { smdpSigned2, smdpSignature2, hashCc } = request;
  const certificate = verifyRequest(euicc, session, request);

  const { bppEuiccOtpk } = smdpSigned2.value;
  const { smdpOid, credential } = session;
  const { curve } = credential.signer;
  const oneTimeKey =
    bppEuiccOtpk === undefined || misbehaviour.ignoresBppEuiccOtpk === true
      ? newOneTimeKey(euicc, smdpOid, curve)
      : (keptOneTimeKey(euicc, smdpOid, bppEuiccOtpk) ?? newOneTimeKey(euicc, smdpOid, curve));
  const honest: EUICCSigned2 = {
    transactionId: session.transactionId,
    euiccOtpk: oneTimeKey.otpk,
    ...(hashCc === undefined ? {} : { hashCc }),
  };
  const euiccSigned2 = encoded(EUICCSigned2, misbehaviour.euiccSigned2?.(honest) ?? honest);
  const signed = [euiccSigned2.der, encodeTlv(0x5f37, smdpSignature2)];
  const euiccSignature2 = signAs(euicc, credential, 'euiccSignature2', ...signed);
  session.prepared = { oneTimeKey, smdpPublicKey: certificate.publicKey };
  return PrepareDownloadResponse.encode({ downloadResponseOk: { euiccSigned2, euiccSignature2 } });
}

function verifyRequest(
  euicc: Euicc,
  session: EuiccSession,
  request: PrepareDownloadRequest,
): Certificate {
  const { smdpSigned2, smdpSignature2, hashCc } = request;
  const certificate = verifyCertificate(euicc, session, request.smdpCertificate);
  if (euicc.misbehaviour.trustsEverything === true) return certificate;
  // §5.7.5: smdpSignature2 also covers our own signature, which proves that it is a response to it.
  const signed = [smdpSigned2.der, session.euiccSignature1];
  if (!isSignature(certificate.publicKey, smdpSignature2, ...signed)) {
    throw new Refusal('invalidSignature');
  }
  if (Buffer.compare(smdpSigned2.value.transactionId, session.transactionId) !== 0) {
    throw new Refusal('invalidTransactionId');
  }
  // §5.7.5: if the server requires a confirmation code, the user must have entered one.
  if (smdpSigned2.value.ccRequiredFlag && hashCc === undefined) throw new Refusal('undefinedError');
  return certificate;
}

/** §5.7.5: CERT.DPpb must be valid, and from the same CI and SM-DP+ as CERT.DPauth. */
function verifyCertificate(euicc: Euicc, session: EuiccSession, der: Uint8Array): Certificate {
  try {
    const certificate = parseCertificate(der);
    if (euicc.misbehaviour.trustsEverything === true) return certificate;
    const { smdpOid, ci } = session;
    verifyServer(certificate, 'dpPb', ci, { now: euicc.now(), smdpOid });
    return certificate;
  } catch (error) {
    if (error instanceof DerError) throw new Refusal('invalidCertificate');
    if (!(error instanceof VerifyError)) throw error;
    const isOtherCurve = error.subject === 'key' && error.failure === 'curve';
    throw new Refusal(isOtherCurve ? 'unsupportedCurve' : 'invalidCertificate');
  }
}
