// The certificates of an eUICC, with which its results are verified: from IpaEuiccData (SGP.32 §2.11.2.2), or from a download
// (AuthenticateServerResponse).
import { parseCertificate, type Certificate } from '../rsp/certificate.ts';
import {
  isSameKeyIdentifier,
  verifyEuicc,
  verifyEum,
  type VerifiedEuicc,
  type VerifyOptions,
} from '../rsp/certificate-chain.ts';
import { VerifyError } from '../rsp/verify-error.ts';

/** Up to one of these CIs. Throws `DerError` and `VerifyError`. */
export function verifyEuiccCertificates(
  {
    euiccCertificate,
    eumCertificate,
  }: { readonly euiccCertificate: Uint8Array; readonly eumCertificate: Uint8Array },
  cis: readonly Certificate[],
  options: VerifyOptions,
): VerifiedEuicc {
  const eum = parseCertificate(eumCertificate);
  const ci = cis.find(({ extensions }) =>
    isSameKeyIdentifier(extensions.subjectKeyIdentifier, eum.extensions.authorityKeyIdentifier),
  );
  if (ci === undefined) {
    throw new VerifyError('eum', 'issuer', 'the EUM certificate is of no CI that is trusted');
  }
  return verifyEuicc(parseCertificate(euiccCertificate), verifyEum(eum, ci, options), options);
}
