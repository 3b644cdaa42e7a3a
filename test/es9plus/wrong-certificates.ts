// Certificates and keys under the server's own test CI, each of which can be made wrong in one way.
import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Credential } from '../../src/device/credential.ts';
import { createCredential } from '../../src/device/credential.ts';
import type { Certificate } from '../../src/rsp/certificate.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { CertificateContents } from '../../src/rsp/certificate-issue.ts';
import { issueCertificate, issueCrl } from '../../src/rsp/certificate-issue.ts';
import { parseCrl, verifyCrl } from '../../src/rsp/crl.ts';
import type { VerifiedCrl } from '../../src/rsp/crl.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import { ciContents, euiccContents, eumContents } from '../../src/rsp/test-certificates.ts';
import type { TestServer } from '../server.ts';

export interface Holder {
  certificate: Certificate;
  privateKey: KeyObject;
}

export type Changes = Partial<CertificateContents>;

const DAY_MS = 86_400_000;

function basis(publicKey: KeyObject) {
  return {
    serialNumber: Uint8Array.from([1, ...randomBytes(8)]),
    publicKey,
    notBefore: new Date(Date.now() - 10 * DAY_MS),
    notAfter: new Date(Date.now() + 100 * DAY_MS),
  };
}

function issue(
  contentsOf: (made: ReturnType<typeof basis>) => CertificateContents,
  changes: Changes,
  issuer: Holder | undefined,
  curve: CurveName,
): Holder {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  const contents = { ...contentsOf(basis(publicKey)), ...changes };
  const certificate = parseCertificate(issueCertificate(contents, issuer ?? { privateKey }));
  return { certificate, privateKey };
}

const P256: CurveName = 'prime256v1';

/** The server's own test CI or EUM. */
export function ownHolder(
  { server }: TestServer,
  role: 'ci' | 'eum',
  curve: CurveName = P256,
): Holder {
  const { certificates } = server.context.pki;
  const found = certificates.find(
    (one) => one.role === role && one.generated && one.certificate.curve === curve,
  );
  return { certificate: found!.certificate, privateKey: found!.privateKey! };
}

/** A CI that the server does not know. */
export function otherCi(): Holder {
  return issue((made) => ciContents(made, { name: 'Another CI' }), {}, undefined, P256);
}

/** Without a CI: self-signed. */
export function issueEum(
  ci: Holder | undefined,
  changes: Changes = {},
  curve: CurveName = P256,
): Holder {
  return issue((made) => eumContents(made), changes, ci, curve);
}

export function issueEuicc(
  eum: Holder,
  eid: string,
  changes: Changes = {},
  curve: CurveName = P256,
): Holder {
  return issue((made) => euiccContents(made, { eid }), changes, eum, curve);
}

/** The credential of an eUICC. */
export function credentialOf(euicc: Holder, eum: Holder): Credential {
  return createCredential(euicc.privateKey, {
    euiccCertificate: euicc.certificate.der,
    eumCertificate: eum.certificate.der,
  });
}

/** A CRL of the server's CI that revokes these certificates. */
export function crlOf(ci: Holder, revoked: readonly Certificate[]): VerifiedCrl {
  const now = new Date();
  const der = issueCrl(
    {
      thisUpdate: new Date(now.getTime() - DAY_MS),
      nextUpdate: new Date(now.getTime() + DAY_MS),
      revoked: revoked.map(({ serialNumberHex }) => ({ serialNumberHex, revocationDate: now })),
    },
    { certificate: ci.certificate, privateKey: ci.privateKey },
  );
  return verifyCrl(parseCrl(der), ci.certificate, now);
}

export const EXPIRED: Changes = {
  notBefore: new Date(Date.now() - 20 * DAY_MS),
  notAfter: new Date(Date.now() - DAY_MS),
};
export const NOT_YET_VALID: Changes = { notBefore: new Date(Date.now() + DAY_MS) };
