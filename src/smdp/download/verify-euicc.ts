// Verifies the eUICC's certificate chain, with the codes of the clause.
import { oncePer } from '../../process/once-per.ts';
import { hash } from 'node:crypto';
import type { Pki } from '../pki/pki.ts';
import { DerError } from '../../rsp/der-error.ts';
import type { Certificate } from '../../rsp/certificate.ts';
import type { VerifiedEuicc, VerifiedEum } from '../../rsp/certificate-chain.ts';
import { isSameKeyIdentifier, verifyEuicc, verifyEum } from '../../rsp/certificate-chain.ts';
import type { SubjectCode } from '../../rsp/status-codes.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { VerifyFailure } from '../../rsp/verify-error.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import { parsedCertificate } from './parsed-certificate.ts';

/** Cache of verified EUM certificates, by CI and digest: they are few, and shared by many eUICCs. */
const keptEums = oncePer((_pki: Pki) => new Map<string, VerifiedEum>());
const EUM_LIMIT = 1000;

/** Failures that time, or a newer CRL, heals. */
const TEMPORARY: readonly VerifyFailure[] = ['not-yet-valid', 'crl-not-current'];

/** The chain is not acceptable now, but may be later. */
export class ChainNotCurrent extends FunctionExecutionError {}

/**
 * CI → EUM → eUICC. Throws 8.11.1 / 3.9, 8.1.2 / 6.1, 8.1.2 / 6.3, 8.1.3 / 6.1, 8.1.3 / 6.3.
 * @param expectedCi key identifier of the CI under which the eUICC was asked to sign; undefined: any accepted one
 */
export function verifyEuiccChain(
  euiccDer: Uint8Array,
  eumDer: Uint8Array,
  expectedCi: string | undefined,
  pki: Pki,
  now: Date,
): VerifiedEuicc {
  const options = { now, crls: pki.crls, refusesOutdatedCrls: pki.outdatedCrl === 'refuse' };
  const eum = judged('8.1.2', () => parsedCertificate(eumDer.toBase64()));
  // §4.5.2.1: an EUM certificate that does not say with which key it was signed is invalid, whoever signed it → 8.1.2 / 6.1
  if (eum.extensions.authorityKeyIdentifier === undefined) {
    throw new FunctionExecutionError(
      '8.1.2',
      '6.1',
      'The EUM certificate has no AuthorityKeyIdentifier',
    );
  }
  const ci = findCi(eum, pki);
  if (ci === undefined || (expectedCi !== undefined && ciOf(ci) !== expectedCi)) {
    // §5.6.3: the EUM certificate is not from the chosen CI → 8.11.1 / 3.9
    throw new FunctionExecutionError(
      '8.11.1',
      '3.9',
      'The CI of the EUM certificate is not the one chosen',
    );
  }
  // §5.6.3: the EUM certificate is invalid → 8.1.2 / 6.1, expired → 8.1.2 / 6.3
  const verifiedEum = judged('8.1.2', () => {
    const kept = keptEums(pki);
    const key = `${ciOf(ci)} ${hash('sha256', eumDer, 'base64')}`;
    const verified = kept.get(key) ?? verifyEum(eum, ci, options);
    if (kept.size < EUM_LIMIT) kept.set(key, verified);
    return verified;
  });
  // §5.6.3: the eUICC certificate is invalid → 8.1.3 / 6.1, expired → 8.1.3 / 6.3
  return judged('8.1.3', () =>
    verifyEuicc(parsedCertificate(euiccDer.toBase64()), verifiedEum, options),
  );
}

function judged<T>(subjectCode: SubjectCode, verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    if (error instanceof DerError)
      throw new FunctionExecutionError(subjectCode, '6.1', error.message);
    if (!(error instanceof VerifyError)) throw error;
    // Problems of the CI are reported for the EUM certificate, because it has no code of its own.
    const subject = error.subject === 'euicc' ? subjectCode : '8.1.2';
    const expired = error.failure === 'expired' || error.failure === 'not-yet-valid';
    const refuses = TEMPORARY.includes(error.failure) ? ChainNotCurrent : FunctionExecutionError;
    throw new refuses(subject, expired ? '6.3' : '6.1', error.message);
  }
}

function findCi(eum: Certificate, pki: Pki): Certificate | undefined {
  const { authorityKeyIdentifier } = eum.extensions;
  // Includes expired CIs, so that the expiry becomes the reason to refuse. Of several with one key, a valid one is
  // preferred.
  const all = pki.certificates.filter(({ role }) => role === 'ci');
  return [...pki.cis, ...all.map(({ certificate }) => certificate)].find(({ extensions }) =>
    isSameKeyIdentifier(extensions.subjectKeyIdentifier, authorityKeyIdentifier),
  );
}

function ciOf({ extensions }: Certificate): string {
  return (extensions.subjectKeyIdentifier ?? new Uint8Array()).toHex().toUpperCase();
}
