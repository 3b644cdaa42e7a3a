// Vectors of §4.5.2.1.0.1, and of the EIDs that an EUM may certify.
import { roleOids } from '../../../src/rsp/roles.ts';
import { attributeTypes, type NameAttribute } from '../../../src/rsp/distinguished-name.ts';
import {
  invalid,
  valid,
  type Expected,
  type Group,
  type Input,
  type VectorFile,
} from '../vector-file.ts';
import {
  base64,
  brainpoolCi,
  ci,
  EID,
  EUM_NAME,
  eum,
  makeCrl,
  makeEuicc,
  makeEum,
  TIME,
  type Making,
} from './authority.ts';
import { certificateOf, ofCurve, ofIssuer, ofSignature, type Kind } from './common.ts';
import { ofCriticalExtensions, ofKeyUsage, ofNoAuthority, ofPolicy } from './purpose.ts';
import { ofDates, ofRevocation } from './validity.ts';

const CLAUSE = '§4.5.2.1.0.1';
const kind: Kind = {
  at: 'euicc',
  clause: CLAUSE,
  make: makeEuicc,
  issuer: eum,
  namesake: makeEum({ key: 'another EUM' }),
  usage: 'digitalSignature',
  otherUsage: 'keyCertSign',
  policies: roleOids.euicc,
  otherPolicy: roleOids.eum[0],
};

const eumOf = ({ certificate }: typeof eum): Input => ({ eum: base64(certificate.der) });

export function euiccVectors(): VectorFile {
  const given = { time: TIME, ci: base64(ci.certificate.der), ...eumOf(eum) };
  const brainpoolEum = makeEum({ issuer: brainpoolCi, curve: 'brainpoolP256r1' });
  const below = (making: Making) => certificateOf(makeEuicc({ issuer: brainpoolEum, ...making }));
  const groups = [
    ofIssuer(kind),
    ofSignature(kind),
    ofCurve(
      kind,
      { ...below({ curve: 'brainpoolP256r1' }), ...eumOf(brainpoolEum) },
      { ...below({}), ...eumOf(brainpoolEum) },
    ),
    ofPolicy(kind),
    ofKeyUsage(kind),
    ofNoAuthority(kind),
    ofCriticalExtensions(kind),
    ofEid(),
    ofSubtrees(),
    ofEins(),
    ofDates(kind),
    ofRevocation(kind, 'eum'),
    ofEum(),
  ].map(({ tests, ...group }) => ({
    ...group,
    given: { ...given, ...group.given },
    tests: tests.map(({ expected, ...one }) => ({ ...one, expected: withEid(expected) })),
  }));
  return {
    name: 'certificates/euicc',
    title: 'eUICC certificates',
    judges: 'eUICC certificate',
    groups,
  };
}

const withEid = (expected: Expected): Expected =>
  expected.result === 'valid' ? { eid: EID, ...expected } : expected;

const { O, CN, serialNumber } = attributeTypes;
const named = (eid: string, organisation = EUM_NAME): NameAttribute[] => [
  { type: O, value: organisation },
  { type: serialNumber, value: eid },
];
const withSubject = (subject: readonly NameAttribute[]): Input =>
  certificateOf(makeEuicc({ contents: { subject } }));

function ofEid(): Group {
  return {
    rule: 'The serialNumber of the subject is the EID, 32 digits',
    clause: `SGP.22 ${CLAUSE}; SGP.29`,
    tests: [
      valid('32 digits', withSubject(named(EID))),
      invalid('euicc/eid', '31 digits', withSubject(named(EID.slice(0, -1)))),
      invalid('euicc/eid', '33 digits', withSubject(named(`${EID}0`))),
      invalid('euicc/eid', 'a hexadecimal letter', withSubject(named(`${EID.slice(0, -1)}A`))),
      invalid('euicc/eid', 'a space before it', withSubject(named(` ${EID}`))),
      invalid('euicc/eid', 'an empty one', withSubject(named(''))),
      invalid(
        'euicc/eid',
        'in the commonName instead',
        withSubject([
          { type: O, value: EUM_NAME },
          { type: CN, value: EID },
        ]),
      ),
    ],
  };
}

/** An eUICC of an EUM that may certify what these contents say. */
function under(contents: Making['contents'] & object, eid = EID, organisation?: string): Input {
  const issuer = makeEum({ contents });
  const euicc = makeEuicc({ issuer, contents: { subject: named(eid, organisation) } });
  return { ...certificateOf(euicc), ...eumOf(issuer) };
}

const subtree = (ein?: string): NameAttribute[] =>
  named(ein ?? '').filter(({ type }) => ein !== undefined || type !== serialNumber);

function ofSubtrees(): Group {
  const of = (...permittedSubtrees: NameAttribute[][]) => ({ permittedSubtrees });
  const refused = 'euicc/eid-range';
  return {
    rule: 'A subtree of the nameConstraints of the EUM permits the subject; its serialNumber is what an EID begins with',
    clause: 'SGP.22 §4.5.2.1.0.2; SGP.29',
    tests: [
      valid('the EID begins with the EIN', under(of(subtree('89049032')))),
      valid('a range of a single EID', under(of(subtree(EID)))),
      valid('one digit', under(of(subtree('8')))),
      invalid(refused, 'the last digit of the EIN is another', under(of(subtree('89049033')))),
      invalid(refused, 'the EIN is in the EID, but not in front', under(of(subtree('9049032')))),
      invalid(refused, 'a range of another single EID', under(of(subtree(`${EID.slice(0, -1)}6`)))),
      valid('the second of two ranges', under(of(subtree('89033023'), subtree('8904')))),
      invalid(refused, 'neither of two ranges', under(of(subtree('89033023'), subtree('8905')))),
      valid(
        'the organisation in capitals',
        under(of(subtree('8904')), EID, EUM_NAME.toUpperCase()),
      ),
      invalid(refused, 'another organisation', under(of(subtree('8904')), EID, 'Another EUM')),
      invalid(refused, 'a subtree without a serialNumber', under(of(subtree()))),
      invalid(refused, 'a subtree with an empty serialNumber', under(of(subtree('')))),
      invalid(refused, 'a serialNumber that is not digits', under(of(subtree('8904903X')))),
      invalid(refused, 'nothing is permitted', under(of())),
    ],
  };
}

function ofEins(): Group {
  const of = (...permittedEins: string[]) => ({
    permittedEins,
    certificatePolicies: [roleOids.eum[1]],
  });
  const refused = 'euicc/eid-range';
  return {
    rule: 'One of the permittedEins of the EUM is what the EID begins with; they go before nameConstraints',
    clause: 'SGP.22 v3 §4.5.2.2; SGP.29',
    tests: [
      valid('the EID begins with the EIN', under(of('89049032'))),
      valid('the second of two', under(of('89033023', '89049032'))),
      invalid(refused, 'the last digit is another', under(of('89049033'))),
      invalid(refused, 'the EIN is in the EID, but not in front', under(of('9049032'))),
      invalid(refused, 'an empty EIN', under(of(''))),
      invalid(refused, 'no EIN', under(of())),
      invalid(
        refused,
        'another EIN, although the nameConstraints permit the EID',
        under({ ...of('89033023'), permittedSubtrees: [subtree('8904')] }),
      ),
    ],
  };
}

/** What is wrong above it. */
function ofEum(): Group {
  const below = (making: Making): Input => {
    const issuer = makeEum(making);
    return { ...certificateOf(makeEuicc({ issuer })), ...eumOf(issuer) };
  };
  const revoked = (...serialNumbers: string[]): Input => ({
    crls: [
      base64(
        makeCrl({
          revoked: serialNumbers.map((serialNumberHex) => ({
            serialNumberHex,
            revocationDate: new Date('2026-04-01T00:00:00Z'),
          })),
        }),
      ),
    ],
  });
  const end = new Date('2040-01-01T00:00:00Z');
  return {
    rule: 'The EUM certificate above it is valid too',
    clause: 'SGP.22 §4.5.2.1.0.2; RFC 5280 §6.1',
    given: certificateOf(makeEuicc()),
    tests: [
      valid('at the last moment of the EUM', {
        ...below({ contents: { notAfter: end } }),
        time: end.toISOString(),
      }),
      invalid('eum/expired', 'a second later', {
        ...below({ contents: { notAfter: end } }),
        time: '2040-01-01T00:00:01Z',
      }),
      invalid('eum/revoked', 'the EUM is revoked', revoked(eum.certificate.serialNumberHex)),
      valid('the EUM is not among the revoked', revoked('0102')),
      invalid(
        'eum/role',
        'an eUICC certificate cannot issue another',
        below({ contents: { certificatePolicies: roleOids.euicc } }),
      ),
      invalid('eum/signature', 'the EUM certificate is not signed by the CI', {
        ...below({ issuer: { ...ci, key: kind.namesake.key } }),
      }),
    ],
  };
}
