// Test eUICCs: certificates issued by the EUM of our test PKI.
import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { issueCertificate } from '../../rsp/certificate-issue.ts';
import type { CurveName } from '../../rsp/curve.ts';
import { euiccContents } from '../../rsp/test-certificates.ts';
import { PkiError } from './pki-certificate.ts';
import type { StoredCertificate } from './pki-certificate.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** eUICC certificates do not expire in practice (§4.5.2.1.0.1). */
const LIFETIME_DAYS = 30 * 365;

/** The credentials of a test eUICC. */
export interface IssuedEuicc {
  privateKey: KeyObject;
  euiccCertificate: Uint8Array;
  eumCertificate: Uint8Array;
}

/** Throws `PkiError` if there is no test EUM on this curve. */
export function issueEuicc(
  eid: string,
  curve: CurveName,
  { certificates }: { certificates: readonly StoredCertificate[] },
  now: Date,
): IssuedEuicc {
  const eum = certificates.find(
    ({ role, generated, certificate, privateKey }) =>
      role === 'eum' && generated && privateKey !== undefined && certificate.curve === curve,
  );
  if (eum?.privateKey === undefined) {
    throw new PkiError(`There is no test EUM on ${curve} to issue an eUICC certificate with`);
  }
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const notBefore = new Date(now.getTime() - DAY_MS);
  const contents = euiccContents(
    {
      serialNumber: Uint8Array.from([1, ...randomBytes(15)]),
      publicKey,
      notBefore,
      notAfter: new Date(notBefore.getTime() + LIFETIME_DAYS * DAY_MS),
    },
    { eid },
  );
  const issuer = { certificate: eum.certificate, privateKey: eum.privateKey };
  return {
    privateKey,
    euiccCertificate: issueCertificate(contents, issuer),
    eumCertificate: eum.certificate.der,
  };
}
