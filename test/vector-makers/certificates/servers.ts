// Vectors of §4.5.2.1.0.3 to .7: the certificates of an SM-DP+ and of an SM-DS.
import type { CertificateContents } from '../../../src/rsp/certificate-issue.ts';
import { isTlsRole, roleOids, type ServerRole } from '../../../src/rsp/roles.ts';
import { invalid, valid, type Group, type Input, type VectorFile } from '../vector-file.ts';
import {
  base64,
  brainpoolCi,
  ci,
  HOST_NAME,
  makeServer,
  otherCi,
  SMDP_OID,
  TIME,
  type Making,
} from './authority.ts';
import {
  certificateOf,
  ofCurve,
  ofIssuer,
  ofSignature,
  withoutExtension,
  type Kind,
} from './common.ts';
import { ofCriticalExtensions, ofKeyUsage, ofNoAuthority, ofPolicy } from './purpose.ts';
import { ofDates, ofRevocation } from './validity.ts';

const kinds: Readonly<Record<ServerRole, { name: string; clause: string; other: ServerRole }>> = {
  dpAuth: { name: 'DPauth', clause: '§4.5.2.1.0.3', other: 'dpPb' },
  dpPb: { name: 'DPpb', clause: '§4.5.2.1.0.4', other: 'dpAuth' },
  dpTls: { name: 'DPtls', clause: '§4.5.2.1.0.5', other: 'dpAuth' },
  dsAuth: { name: 'DSauth', clause: '§4.5.2.1.0.6', other: 'dpAuth' },
  dsTls: { name: 'DStls', clause: '§4.5.2.1.0.7', other: 'dpTls' },
};

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

export function serverVectors(role: ServerRole): VectorFile {
  const { name, clause, other } = kinds[role];
  const make = (making?: Making) => makeServer(role, making);
  const kind: Kind = {
    at: 'server',
    clause,
    make,
    issuer: ci,
    namesake: otherCi,
    usage: 'digitalSignature',
    otherUsage: 'keyAgreement',
    policies: roleOids[role],
    otherPolicy: roleOids[other][0],
  };
  const given = { time: TIME, ci: base64(ci.certificate.der) };
  const groups = [
    ofIssuer(kind),
    ofSignature(kind),
    ofCurve(
      kind,
      certificateOf(make({ issuer: brainpoolCi, curve: 'brainpoolP256r1' })),
      certificateOf(make({ issuer: brainpoolCi })),
    ),
    ofPolicy(kind),
    ofKeyUsage(kind),
    ofNoAuthority(kind),
    ofCriticalExtensions(kind),
    ofSmdpOid(kind),
    ...(isTlsRole(role) ? [ofTlsPolicy(kind), ofServerAuth(kind), ofHost(kind)] : []),
    ofDates(kind),
    ofRevocation(kind),
  ].map((group) => ({ ...group, given: { ...given, ...group.given } }));
  return {
    name: `certificates/${name.toLowerCase()}`,
    title: `${name} certificates`,
    judges: `${name} certificate`,
    groups,
  };
}

function ofSmdpOid({ clause, make }: Kind): Group {
  const of = (...registeredID: string[]): Input =>
    certificateOf(make({ contents: { registeredID } }));
  return {
    rule: 'The registeredID of the subjectAltName is the OID of the server, the same in DPauth and DPpb',
    clause: `SGP.22 ${clause}, §5.7.5`,
    tests: [
      valid('an OID, and none is expected', of(SMDP_OID)),
      valid('the OID that is expected', { ...of(SMDP_OID), smdpOid: SMDP_OID }),
      invalid('server/smdp-oid', 'the next OID', { ...of('2.999.11'), smdpOid: SMDP_OID }),
      invalid('server/smdp-oid', 'an OID below it', {
        ...of(`${SMDP_OID}.1`),
        smdpOid: SMDP_OID,
      }),
      invalid('server/smdp-oid', 'without a registeredID, and none is expected', of()),
      invalid(
        'server/smdp-oid',
        'without a subjectAltName',
        certificateOf(make({ change: withoutExtension('2.5.29.17') })),
      ),
    ],
  };
}

function ofTlsPolicy({ clause, make }: Kind): Group {
  const of = (certificatePoliciesCritical: boolean): Input =>
    certificateOf(make({ contents: { certificatePoliciesCritical } }));
  return {
    rule: 'The policy need not be critical',
    clause: `SGP.22 ${clause}`,
    tests: [valid('not critical', of(false)), valid('critical', of(true))],
  };
}

function ofServerAuth({ clause, make }: Kind): Group {
  const of = (...extendedKeyUsage: string[]): Input =>
    certificateOf(make({ contents: { extendedKeyUsage } }));
  const refused = 'server/extended-key-usage';
  return {
    rule: 'serverAuth is among the extended key usages',
    clause: `SGP.22 ${clause}; RFC 5280 §4.2.1.12`,
    tests: [
      valid('serverAuth', of(SERVER_AUTH)),
      valid('clientAuth and serverAuth', of(CLIENT_AUTH, SERVER_AUTH)),
      invalid(refused, 'clientAuth alone', of(CLIENT_AUTH)),
      invalid(refused, 'anyExtendedKeyUsage', of('2.5.29.37.0')),
      invalid(
        refused,
        'without the extension',
        certificateOf(make({ change: withoutExtension('2.5.29.37') })),
      ),
    ],
  };
}

function ofHost({ clause, make }: Kind): Group {
  const of = (contents: Partial<CertificateContents>, hostName = HOST_NAME): Input => ({
    ...certificateOf(make({ contents })),
    hostName,
  });
  const refused = 'server/host-name';
  return {
    rule: 'The host that was called is a dNSName or an IPv4 address of the subjectAltName',
    clause: `SGP.22 ${clause}; RFC 5280 §4.2.1.6`,
    tests: [
      valid('the dNSName', of({ dNSName: [HOST_NAME] })),
      valid(
        'in another letter case',
        of({ dNSName: [HOST_NAME.toUpperCase()] }, 'SMDP.Example.com'),
      ),
      valid('the second of two', of({ dNSName: ['example.org', HOST_NAME] })),
      valid('an address', of({ iPAddress: ['192.0.2.1'] }, '192.0.2.1')),
      invalid(refused, 'another address', of({ iPAddress: ['192.0.2.2'] }, '192.0.2.1')),
      invalid(refused, 'another host', of({ dNSName: ['smdp.example.org'] })),
      invalid(refused, 'a host below it', of({ dNSName: [HOST_NAME] }, `a.${HOST_NAME}`)),
      invalid(refused, 'the domain above it', of({ dNSName: ['example.com'] })),
      invalid(refused, 'in the commonName alone', of({ dNSName: [] })),
    ],
  };
}
