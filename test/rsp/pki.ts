// A test PKI per curve: CI, EUM, eUICC, DPauth, DPpb, DPtls, each of which can be made wrong in one way.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { parseCertificate, type Certificate } from '../../src/rsp/certificate.ts';
import { issueCertificate, type CertificateContents } from '../../src/rsp/certificate-issue.ts';
import type { CurveName } from '../../src/rsp/curve.ts';
import {
  ciContents,
  euiccContents,
  eumContents,
  serverContents,
  type CertificateBasis,
} from '../../src/rsp/test-certificates.ts';
import type { ServerRole } from '../../src/rsp/roles.ts';

export const now = new Date('2026-06-01T12:00:00Z');
export const EID = '89049032123451234512345678901235';
export const SMDP_OID = '2.999.10';
export const HOST_NAME = 'smdp.example.com';

export interface Holder {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
}

export type Changes = Partial<CertificateContents>;

export class Pki {
  readonly curve: CurveName;
  readonly ci: Holder;
  readonly eum: Holder;
  #serial = 0;

  constructor(curve: CurveName = 'prime256v1') {
    this.curve = curve;
    const keys = this.#keys();
    const der = issueCertificate(
      ciContents({
        ...this.#basis(keys.publicKey),
        cRLDistributionPoints: ['http://ci.example/A.crl'],
      }),
      { privateKey: keys.privateKey },
    );
    this.ci = { certificate: parseCertificate(der), privateKey: keys.privateKey };
    this.eum = this.issueEum();
  }

  issueEum(changes: Changes = {}, issuer = this.ci): Holder {
    return this.#issue(issuer, changes, (basis) => eumContents(basis));
  }

  issueEuicc(changes: Changes = {}, issuer = this.eum, eid = EID): Holder {
    return this.#issue(issuer, changes, (basis) => euiccContents(basis, { eid }));
  }

  issueServer(role: ServerRole, changes: Changes = {}, issuer = this.ci): Holder {
    return this.#issue(issuer, changes, (basis) =>
      serverContents(basis, role, { smdpOid: SMDP_OID, hostName: HOST_NAME }),
    );
  }

  #issue(
    issuer: Holder,
    changes: Changes,
    contents: (basis: CertificateBasis) => CertificateContents,
  ): Holder {
    const keys = this.#keys();
    const der = issueCertificate({ ...contents(this.#basis(keys.publicKey)), ...changes }, issuer);
    return { certificate: parseCertificate(der), privateKey: keys.privateKey };
  }

  #keys(): { publicKey: KeyObject; privateKey: KeyObject } {
    return generateKeyPairSync('ec', { namedCurve: this.curve });
  }

  #basis(publicKey: KeyObject): CertificateBasis {
    this.#serial += 1;
    return {
      serialNumber: Uint8Array.of(0x80, this.#serial),
      publicKey,
      notBefore: new Date('2020-04-01T00:00:00Z'),
      notAfter: new Date('2055-04-01T00:00:00Z'),
    };
  }
}
