// CAs of operators, and certificates and CRLs of theirs, also wrong ones.
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { Certificate } from '../../src/rsp/certificate.ts';
import type { CertificateContents } from '../../src/rsp/certificate-issue.ts';
import { issueCertificate, issueCrl } from '../../src/rsp/certificate-issue.ts';
import { ciContents, operatorContents } from '../../src/rsp/test-certificates.ts';
import { certificatePem, privateKeyPem } from '../../src/rsp/pem.ts';

export interface Issued {
  x509: X509Certificate;
  /** For TLS. */
  cert: string;
  key: string;
  certificate: Certificate;
  privateKey: KeyObject;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

export interface OperatorCa extends Issued {
  issue(changes?: Partial<CertificateContents>): Issued;
  /** DER. @param revoked certificates that it lists */
  crl(revoked: readonly Issued[], daysAgo?: number): Uint8Array;
}

function issue(contents: Partial<CertificateContents>, issuer?: Issued): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const basis = {
    serialNumber: randomBytes(8),
    publicKey,
    notBefore: new Date(Date.now() - 10 * DAY_MS),
    notAfter: new Date(Date.now() + 10 * DAY_MS),
  };
  const whole = { ...basis, ...contents } as CertificateContents;
  const certificate = parseCertificate(issueCertificate(whole, issuer ?? { privateKey }));
  return {
    x509: new X509Certificate(certificate.der),
    cert: certificatePem(certificate),
    key: privateKeyPem(privateKey),
    certificate,
    privateKey,
  };
}

export function operatorCa(name: string): OperatorCa {
  const { subject, keyUsage, basicConstraints } = ciContents({} as never, { name });
  const ca = issue({
    subject,
    keyUsage: keyUsage!,
    basicConstraints: basicConstraints!,
    // Longer than what it issues.
    notBefore: new Date(Date.now() - 20 * DAY_MS),
    notAfter: new Date(Date.now() + 20 * DAY_MS),
  });
  const { subject: subjectOfOperator, keyUsage: usage } = operatorContents({} as never, 'Operator');
  return {
    ...ca,
    issue: (changes = {}) =>
      issue({ subject: subjectOfOperator, keyUsage: usage!, ...changes }, ca),
    crl: (revoked, daysAgo = 1) =>
      issueCrl(
        {
          thisUpdate: new Date(Date.now() - daysAgo * DAY_MS),
          nextUpdate: new Date(Date.now() + DAY_MS),
          revoked: revoked.map(({ certificate: { serialNumberHex } }) => ({
            serialNumberHex,
            revocationDate: new Date(Date.now() - DAY_MS),
          })),
        },
        ca,
      ),
  };
}
