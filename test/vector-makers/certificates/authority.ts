// The PKI of the vectors: one that is right, and whatever is wrong in one way.
import { parseCertificate, type Certificate } from '../../../src/rsp/certificate.ts';
import {
  issueCertificate,
  issueCrl,
  type CertificateContents,
  type CrlContents,
} from '../../../src/rsp/certificate-issue.ts';
import type { CurveName } from '../../../src/rsp/curve.ts';
import type { ServerRole } from '../../../src/rsp/roles.ts';
import {
  ciContents,
  euiccContents,
  eumContents,
  serverContents,
  type CertificateBasis,
} from '../../../src/rsp/test-certificates.ts';
import { signedAnew, type DerNode } from './der-tree.ts';
import { keyNamed, type KeyPair } from './keys.ts';

export const TIME = '2026-06-01T12:00:00Z';
export const EARLIER = new Date('2020-04-01T00:00:00Z');
export const LATER = new Date('2055-04-01T00:00:00Z');
export const EID = '89049032123451234512345678901235';
export const EUM_NAME = 'Simwright Test EUM';
export const SMDP_OID = '2.999.10';
export const HOST_NAME = 'smdp.example.com';

export const base64 = (der: Uint8Array): string => Buffer.from(der).toString('base64');

/** A certificate that can issue others. */
export interface Authority {
  readonly certificate: Certificate;
  readonly key: KeyPair;
}

export interface Making {
  readonly contents?: Partial<CertificateContents>;
  /** The name of the key, by which it is always the same. */
  readonly key?: string;
  readonly curve?: CurveName;
  readonly issuer?: Authority;
  /** Of what is signed, in DER. */
  readonly change?: (tbs: DerNode) => void;
}

export const ci = makeCi();
export const otherCi = makeCi({ key: 'another CI' });
export const brainpoolCi = makeCi({ curve: 'brainpoolP256r1' });
export const eum = makeEum();

export function makeCi(making: Making = {}): Authority {
  return make((basis) => ciContents(basis), { key: 'CI', ...making });
}

export function makeEum(making: Making = {}): Authority {
  return make((basis) => eumContents(basis), { key: 'EUM', issuer: ci, ...making });
}

export function makeEuicc(making: Making = {}): Authority {
  return make((basis) => euiccContents(basis, { eid: EID }), {
    key: 'eUICC',
    issuer: eum,
    ...making,
  });
}

export function makeServer(role: ServerRole, making: Making = {}): Authority {
  const names = { smdpOid: SMDP_OID, hostName: HOST_NAME };
  return make((basis) => serverContents(basis, role, names), { key: role, issuer: ci, ...making });
}

export function makeCrl(
  contents: Partial<CrlContents> = {},
  issuer: Authority = ci,
  change: (tbs: DerNode) => void = () => undefined,
): Uint8Array {
  const { certificate, key } = issuer;
  const der = issueCrl(
    { thisUpdate: new Date('2026-05-01T00:00:00Z'), ...contents },
    { certificate, privateKey: key.privateKey },
  );
  return signedAnew(der, key, ({ tbs }) => change(tbs));
}

function make(
  contentsOf: (basis: CertificateBasis) => CertificateContents,
  { key: name = '', curve = 'prime256v1', issuer, contents = {}, change }: Making,
): Authority {
  const key = keyNamed(name, curve);
  const basis = {
    serialNumber: Uint8Array.of(1, ...Buffer.from(name).subarray(0, 7)),
    publicKey: key.publicKey,
    notBefore: EARLIER,
    notAfter: LATER,
  };
  const { certificate, key: issuerKey } = issuer ?? { key };
  const der = issueCertificate(
    { ...contentsOf(basis), ...contents },
    {
      ...(certificate === undefined ? {} : { certificate }),
      privateKey: issuerKey.privateKey,
    },
  );
  const signed = signedAnew(der, issuerKey, ({ tbs }) => change?.(tbs));
  return { certificate: readLeniently(signed), key };
}

/** Vectors that are wrong in form have their bytes alone. */
function readLeniently(der: Uint8Array): Certificate {
  try {
    return parseCertificate(der);
  } catch {
    return { der } as Certificate;
  }
}
