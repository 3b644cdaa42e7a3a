// Vectors of §4.5.2.2: CRLs, whether they can be used.
import { keyUsages } from '../../../src/rsp/certificate-extensions.ts';
import type { CrlContents, ExtensionContents } from '../../../src/rsp/certificate-issue.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';
import { invalid, valid, type Group, type Input, type VectorFile } from '../vector-file.ts';
import { base64, brainpoolCi, ci, eum, makeCi, makeCrl, otherCi, TIME } from './authority.ts';
import { changed, node, parseNode, lastAs } from './der-tree.ts';

const crl = (contents: Partial<CrlContents> = {}, by = ci): Input => ({
  crl: base64(makeCrl(contents, by)),
});
const ciOf = ({ certificate }: typeof ci): Input => ({ ci: base64(certificate.der) });
const revoked = (...extensions: ExtensionContents[]): Input =>
  crl({
    revoked: [
      { serialNumberHex: '0102', revocationDate: new Date('2026-04-01T00:00:00Z'), extensions },
    ],
  });
const TRUE = Uint8Array.of(0xff);
const NULL = encodeTlv(0x05);

export function crlVectors(): VectorFile {
  const given = { time: TIME, ...ciOf(ci) };
  const groups = [ofIssuer(), ofDates(), ofExtensions(), ofParts(), ofEntries(), ofForm()].map(
    (group) => ({ ...group, given: { ...given, ...group.given } }),
  );
  return { name: 'certificates/crl', title: 'CRLs of a CI', judges: 'CRL', groups };
}

function ofIssuer(): Group {
  const whole = makeCrl();
  const noSigner = makeCi({
    contents: { keyUsage: keyUsages.filter((usage) => usage !== 'cRLSign') },
  });
  return {
    rule: 'Issued and signed by the CI, whose key may sign CRLs',
    clause: 'SGP.22 §4.5.2.2; RFC 5280 §6.3.3 (f)',
    tests: [
      valid('on prime256v1', crl()),
      valid('on brainpoolP256r1', { ...crl({}, brainpoolCi), ...ciOf(brainpoolCi) }),
      invalid('crl/crl-issuer', 'issued by an EUM', crl({}, eum)),
      invalid('crl/crl-issuer', 'the CI has no cRLSign among its key usages', {
        ...crl({}, noSigner),
        ...ciOf(noSigner),
      }),
      invalid(
        'crl/signature',
        'signed by a CI with the same name and another key',
        crl({}, otherCi),
      ),
      invalid('crl/signature', 'an entry was added after it was signed', {
        crl: base64(
          changed(whole, ({ tbs }) => {
            const entry = parseNode(
              makeCrl({ revoked: [{ serialNumberHex: '0102', revocationDate: new Date(0) }] }),
            ).children[0]!.children[4]!;
            tbs.children.push(entry);
          }),
        ),
      }),
    ],
  };
}

function ofDates(): Group {
  const [thisUpdate, nextUpdate] = [new Date(TIME), new Date(TIME)];
  return {
    rule: 'Current when it is taken over: between thisUpdate and nextUpdate, if there is one',
    clause: 'RFC 5280 §5.1.2.4, §5.1.2.5',
    tests: [
      valid('the moment of thisUpdate', crl({ thisUpdate })),
      invalid('crl/crl-not-current', 'a second earlier', {
        ...crl({ thisUpdate }),
        time: '2026-06-01T11:59:59Z',
      }),
      valid('the moment of nextUpdate', crl({ nextUpdate })),
      invalid('crl/crl-not-current', 'a second later', {
        ...crl({ nextUpdate }),
        time: '2026-06-01T12:00:01Z',
      }),
      valid('years later, without a nextUpdate', { ...crl(), time: '2050-01-01T00:00:00Z' }),
    ],
  };
}

function ofExtensions(): Group {
  const integer = encodeTlv(0x02, Uint8Array.of(1));
  const extension = (oid: string, isCritical: boolean, value = integer): Input =>
    crl({ extensions: [{ oid, isCritical, value }] });
  const refused = 'crl/critical-extension';
  return {
    rule: 'What is critical must be understood; a delta CRL is not a list of its own',
    clause: 'RFC 5280 §5.2',
    tests: [
      valid('cRLNumber', extension('2.5.29.20', false)),
      valid('an unknown extension that is not critical', extension('2.999.7', false, NULL)),
      invalid(refused, 'an unknown critical extension', extension('2.999.7', true, NULL)),
      invalid(refused, 'deltaCRLIndicator', extension('2.5.29.27', true)),
      invalid(refused, 'deltaCRLIndicator that is not critical', extension('2.5.29.27', false)),
      valid('freshestCRL, which names the delta CRLs', extension('2.5.29.46', false, NULL)),
    ],
  };
}

function ofParts(): Group {
  const point = (...flags: [tag: number, contents: Uint8Array][]): Input =>
    crl({
      extensions: [
        {
          oid: '2.5.29.28',
          isCritical: true,
          value: encodeTlv(0x30, ...flags.map(([tag, contents]) => encodeTlv(tag, contents))),
        },
      ],
    });
  const part = (number: number, total: number): Input =>
    crl({
      extensions: [
        { oid: '2.23.146.1.2.0.2', value: encodeTlv(0x02, Uint8Array.of(total)) },
        { oid: '2.23.146.1.2.0.3', value: encodeTlv(0x02, Uint8Array.of(number)) },
      ],
    });
  const refused = 'crl/critical-extension';
  return {
    rule: 'All of the list of a CI, or a part of it that says which',
    clause: 'SGP.22 §4.5.2.2; RFC 5280 §5.2.5',
    tests: [
      valid('of servers and eUICCs alone', point([0x81, TRUE])),
      valid('of CAs alone', point([0x82, TRUE])),
      valid('an indirect CRL', point([0x84, TRUE])),
      invalid(refused, 'of some reasons alone', point([0x83, Uint8Array.of(6, 0x40)])),
      invalid(refused, 'of attribute certificates', point([0x85, TRUE])),
      valid('of attribute certificates: false', point([0x85, Uint8Array.of(0)])),
      valid('part 1 of 1', part(1, 1)),
      valid('part 3 of 3', part(3, 3)),
      invalid('crl/malformed', 'part 4 of 3', part(4, 3)),
      invalid('crl/malformed', 'part 0 of 3', part(0, 3)),
    ],
  };
}

function ofEntries(): Group {
  const reason = (code: number) => ({
    oid: '2.5.29.21',
    value: encodeTlv(0x0a, Uint8Array.of(code)),
  });
  const issuer = (...names: Uint8Array[]) => ({
    oid: '2.5.29.29',
    isCritical: true,
    value: encodeTlv(0x30, ...names),
  });
  const unknown = { oid: '2.999.7', value: NULL };
  return {
    rule: 'What is critical of an entry must be understood, or the whole CRL tells nothing',
    clause: 'RFC 5280 §5.3',
    tests: [
      valid('no extension', revoked()),
      valid('reasonCode keyCompromise', revoked(reason(1))),
      valid('reasonCode removeFromCRL', revoked(reason(8))),
      valid('certificateIssuer', revoked(issuer(encodeTlv(0xa4, eum.certificate.subject.der)))),
      invalid(
        'crl/malformed',
        'certificateIssuer without a directory name',
        revoked(issuer(encodeTlv(0x82, Buffer.from('ci.example')))),
      ),
      valid('an unknown extension that is not critical', revoked(unknown)),
      invalid(
        'crl/critical-extension',
        'an unknown critical extension',
        revoked({ ...unknown, isCritical: true }),
      ),
    ],
  };
}

function ofForm(): Group {
  const whole = makeCrl();
  const otherwise = (change: Parameters<typeof changed>[1]): Input => ({
    crl: base64(changed(whole, change)),
  });
  return {
    rule: 'A CertificateList, v2, signed with ECDSA and SHA-256',
    clause: 'RFC 5280 §5.1; SGP.22 §2.6.7.2',
    tests: [
      invalid(
        'crl/malformed',
        'version 3',
        otherwise(({ tbs }) => (tbs.children[0] = node(0x02, Uint8Array.of(2)))),
      ),
      invalid('crl/malformed', 'cut off after its half', {
        crl: base64(whole.subarray(0, whole.length / 2)),
      }),
      invalid('crl/malformed', 'a byte follows', { crl: base64(Uint8Array.of(...whole, 0)) }),
      invalid('crl/malformed', 'a certificate', { crl: base64(ci.certificate.der) }),
      invalid(
        'key/algorithm',
        'signed with ECDSA and SHA-384',
        otherwise(({ algorithm }) => {
          const [oid] = algorithm.children;
          oid!.contents = lastAs(oid!.contents, () => 3);
        }),
      ),
    ],
  };
}
