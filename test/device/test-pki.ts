// A PKI for the tests of the device: CI, EUM, eUICCs and server certificates, correct or deliberately wrong.
import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { issueCertificate, type CertificateContents } from '../../src/rsp/certificate-issue.ts';
import { parseCertificate } from '../../src/rsp/certificate.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import type { ServerRole } from '../../src/rsp/roles.ts';
import {
  ciContents,
  euiccContents,
  eumContents,
  serverContents,
} from '../../src/rsp/test-certificates.ts';

export interface Issued {
  readonly privateKey: KeyObject;
  readonly der: Uint8Array;
}

type Edit = (contents: CertificateContents) => CertificateContents;

export interface TestPki {
  readonly curve: CurveName;
  readonly ci: Issued;
  readonly eum: Issued;
  server(role: ServerRole, edit?: Edit): Issued;
  euicc(eid: string, edit?: Edit): Issued;
}

export const SMDP_OID = '2.999.10';
export const EIN = '89049032';

export function testPki(curve: CurveName = 'prime256v1'): TestPki {
  const issue = (
    contentsOf: (basis: Parameters<typeof ciContents>[0]) => CertificateContents,
    issuer?: Issued,
    edit: Edit = (contents) => contents,
  ): Issued => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    const contents = contentsOf({
      serialNumber: Uint8Array.from([1, ...randomBytes(8)]),
      publicKey,
      notBefore: new Date(Date.now() - 86_400_000),
      notAfter: new Date(Date.now() + 86_400_000),
    });
    const der = issueCertificate(
      edit(contents),
      issuer === undefined
        ? { privateKey }
        : { privateKey: issuer.privateKey, certificate: parseCertificate(issuer.der) },
    );
    return { privateKey, der };
  };
  const ci = issue((basis) => ciContents(basis, { name: `Test CI ${curve}` }));
  const eum = issue((basis) => eumContents(basis), ci);
  return {
    curve,
    ci,
    eum,
    server: (role, edit) =>
      issue(
        (basis) => serverContents(basis, role, { smdpOid: SMDP_OID, hostName: 'localhost' }),
        ci,
        edit,
      ),
    euicc: (eid, edit) => issue((basis) => euiccContents(basis, { eid }), eum, edit),
  };
}
