// Download confirmation (§3.1.3): the user's confirmation code, the eUICC's one-time key, and the package for it.
import { PrepareDownloadResponse, SmdpSigned2 } from '../rsp/definitions/prepare-download.ts';
import { encodeTlv } from '../rsp/der.ts';
import { hashCc, hashConfirmationCode } from '../rsp/hash-cc.ts';
import { downloadErrorCodes, nameOf } from '../rsp/reasons.ts';
import { DeviceError, EuiccError } from './device-error.ts';
import { callEs10 } from './es10.ts';
import type { AuthenticatedSession } from './lpa-authentication.ts';
import { cancelIfRefused, verifySameTransaction } from './lpa-authentication.ts';
import type { Lpa } from './lpa.ts';

/** DER of the BoundProfilePackage. */
export async function prepare(
  lpa: Lpa,
  session: AuthenticatedSession,
  confirmationCode: string | undefined,
): Promise<Uint8Array> {
  const { ccRequiredFlag } = SmdpSigned2.decode(session.smdpSigned2);
  if (ccRequiredFlag && confirmationCode === undefined && session.hashCc === undefined) {
    await lpa.cancelSession(session, 'postponed');
    throw new DeviceError('The server requires a confirmation code.');
  }
  const request = prepareDownloadRequest(session, ccRequiredFlag ? confirmationCode : undefined);
  const response = callEs10(lpa.euicc, request);
  const { downloadResponseError } = PrepareDownloadResponse.decode(response);
  const { smdpAddress, transactionIdHex } = session;
  if (downloadResponseError !== undefined) {
    // §3.1.3: inform the server; its response does not matter.
    await lpa.es9.getBoundProfilePackage(smdpAddress, transactionIdHex, response).catch(() => {});
    const { downloadErrorCode } = downloadResponseError;
    const name = nameOf(downloadErrorCodes, downloadErrorCode) ?? `${downloadErrorCode}`;
    throw new EuiccError('prepareDownload', name, `The eUICC refused the download: ${name}.`);
  }
  lpa.announce(
    'prepareDownload',
    'CERT.DPpb (same CI, same SM-DP+) and smdpSignature2 verified by the eUICC',
  );

  const answer = await lpa.es9
    .getBoundProfilePackage(smdpAddress, transactionIdHex, response)
    .catch((error: unknown) => cancelIfRefused(lpa, session, error, 'metadataMismatch'));
  verifySameTransaction(answer.transactionId, session.transactionId);
  const { length } = answer.boundProfilePackage;
  lpa.announce('getBoundProfilePackage', `${length} bytes, bound to this eUICC`);
  return answer.boundProfilePackage;
}

/** §5.7.5: passes the server's TLVs to the eUICC unchanged, with the hash of the confirmation code. */
export function prepareDownloadRequest(
  session: Pick<
    AuthenticatedSession,
    'smdpSigned2' | 'smdpSignature2' | 'smdpCertificate' | 'transactionId' | 'hashCc'
  >,
  confirmationCode: string | undefined,
): Uint8Array {
  const { smdpSigned2, smdpSignature2, smdpCertificate, transactionId } = session;
  const hash =
    confirmationCode === undefined
      ? session.hashCc === undefined
        ? []
        : [session.hashCc]
      : [encodeTlv(0x04, hashCc(hashConfirmationCode(confirmationCode), transactionId))];
  return encodeTlv(0xbf21, smdpSigned2, smdpSignature2, ...hash, smdpCertificate);
}
