// The contents of the kinds of certificates of a test PKI (§4.5.2.1, SGP.26), for issueCertificate.
import type { KeyObject } from 'node:crypto';
import type { CertificateContents } from './certificate-issue.ts';
import { attributeTypes, type NameAttribute } from './distinguished-name.ts';
import { isTlsRole, roleOids, type ServerRole } from './roles.ts';

const { CN, O, OU, C, serialNumber } = attributeTypes;
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** The contents that every certificate needs. */
export interface CertificateBasis {
  readonly serialNumber: Uint8Array;
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly cRLDistributionPoints?: readonly string[];
}

/** CERT.CI.ECDSA (§4.5.2.1.0.0) */
export function ciContents(
  basis: CertificateBasis,
  { name = 'Simwright Test CI', ciOid = '2.999.1' } = {},
): CertificateContents {
  return {
    ...basis,
    subject: [
      { type: CN, value: name },
      { type: OU, value: 'TESTCERT' },
      { type: O, value: 'Simwright' },
    ],
    keyUsage: ['keyCertSign', 'cRLSign'],
    certificatePolicies: roleOids.ci,
    basicConstraints: { cA: true },
    registeredID: [ciOid],
  };
}

/** CERT.EUM.ECDSA (§4.5.2.1.0.2) for EIDs that begin with one of `eins`. */
export function eumContents(
  basis: CertificateBasis,
  { organisation = 'Simwright Test EUM', eins = ['89049032'], eumOid = '2.999.5' } = {},
): CertificateContents {
  return {
    ...basis,
    subject: [
      { type: C, value: 'ES' },
      { type: O, value: organisation },
      { type: CN, value: 'EUM Test' },
    ],
    keyUsage: ['keyCertSign'],
    certificatePolicies: [roleOids.eum[0]],
    basicConstraints: { cA: true, pathLenConstraint: 0 },
    registeredID: [eumOid],
    permittedSubtrees: eins.map((ein) => [
      { type: O, value: organisation },
      { type: serialNumber, value: ein },
    ]),
  };
}

/** CERT.EUICC.ECDSA (§4.5.2.1.0.1) */
export function euiccContents(
  basis: Omit<CertificateBasis, 'cRLDistributionPoints'>,
  { eid, organisation = 'Simwright Test EUM' }: { eid: string; organisation?: string },
): CertificateContents {
  return {
    ...basis,
    subject: [
      { type: C, value: 'ES' },
      { type: O, value: organisation },
      { type: serialNumber, value: eid },
      { type: CN, value: 'Test eUICC' },
    ],
    keyUsage: ['digitalSignature'],
    certificatePolicies: [roleOids.euicc[0]],
  };
}

/**
 * CERT.DPauth.ECDSA, CERT.DPpb.ECDSA and CERT.DP.TLS (§4.5.2.1.0.3 to .5), CERT.DSauth.ECDSA and CERT.DS.TLS (.6, .7),
 * which have the same form; `hostName` is for TLS.
 */
export function serverContents(
  basis: CertificateBasis,
  role: ServerRole,
  { smdpOid, hostName, name = 'Simwright SM-DP+' }: ServerNames,
): CertificateContents {
  const subject: NameAttribute[] = [
    { type: O, value: 'Simwright' },
    { type: CN, value: hostName ?? name },
  ];
  const contents: CertificateContents = {
    ...basis,
    subject,
    keyUsage: ['digitalSignature'],
    certificatePolicies: roleOids[role],
    registeredID: [smdpOid],
  };
  if (!isTlsRole(role)) return contents;
  return {
    ...contents,
    certificatePoliciesCritical: false,
    extendedKeyUsage: [SERVER_AUTH, CLIENT_AUTH],
    dNSName: hostName === undefined ? [] : [hostName],
  };
}

export interface ServerNames {
  /** Of the SM-DP+ or SM-DS. */
  readonly smdpOid: string;
  readonly hostName?: string;
  readonly name?: string;
}

/** The client certificate of an operator, for ES2+. */
export function operatorContents(
  basis: Omit<CertificateBasis, 'cRLDistributionPoints'>,
  name: string,
): CertificateContents {
  return {
    ...basis,
    subject: [
      { type: O, value: 'Simwright Test Operator' },
      { type: CN, value: name },
    ],
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [CLIENT_AUTH],
  };
}
