// The certificates of an SM-DS for tests, under a CI whose key is known.
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { issueCertificate, type CertificateContents } from '../../src/rsp/certificate-issue.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { ServerRole } from '../../src/rsp/roles.ts';
import { serverContents } from '../../src/rsp/test-certificates.ts';
import type { TestServer } from '../server.ts';

export interface Issued {
  readonly privateKey: KeyObject;
  readonly der: Uint8Array;
}

/** @param edit makes it wrong */
export function issueUnder(
  ci: Issued,
  role: ServerRole,
  oid: string,
  edit: (contents: CertificateContents) => CertificateContents = (contents) => contents,
): Issued {
  const issuer = { privateKey: ci.privateKey, certificate: parseCertificate(ci.der) };
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: issuer.certificate.curve,
  });
  const basis = {
    serialNumber: Uint8Array.from([1, ...randomBytes(8)]),
    publicKey,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
  };
  const contents = serverContents(basis, role, { smdpOid: oid, hostName: 'localhost' });
  return { privateKey, der: issueCertificate(edit(contents), issuer) };
}

/** The CI of a server's generated test PKI, on P-256. */
export function ciOf({ server }: TestServer): Issued {
  const ci = server.context.pki.certificates.find(
    ({ role, certificate }) => role === 'ci' && certificate.curve === 'prime256v1',
  );
  return { der: ci!.certificate.der, privateKey: ci!.privateKey! };
}
