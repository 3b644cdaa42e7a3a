// RFC 5280 §5, §4.5.2.2: the extensions of a CRL and its entries.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isRevoked, parseCrl, verifyCrl } from '../../src/rsp/crl.ts';
import type { CrlContents, ExtensionContents } from '../../src/rsp/certificate-issue.ts';
import { issueCrl } from '../../src/rsp/certificate-issue.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { now, Pki } from './pki.ts';
import type { Holder } from './pki.ts';

const pki = new Pki();
const { ci, eum } = pki;
const past = new Date('2021-01-01T00:00:00Z');

const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
const TRUE = Uint8Array.of(0xff);

const verified = (contents: Partial<CrlContents>) =>
  verifyCrl(parseCrl(issueCrl({ thisUpdate: past, ...contents }, ci)), ci.certificate, now);

const entry = ({ certificate }: Holder, ...extensions: ExtensionContents[]) => ({
  serialNumberHex: certificate.serialNumberHex,
  revocationDate: past,
  extensions,
});

const reason = (code: number) => ({
  oid: '2.5.29.21',
  value: encodeTlv(0x0a, Uint8Array.of(code)),
});
const issuedBy = ({ certificate }: Holder) => ({
  oid: '2.5.29.29',
  isCritical: true,
  value: encodeTlv(0x30, encodeTlv(0xa4, certificate.subject.der)),
});
const point = (...flags: [tag: number, contents: Uint8Array][]) => ({
  oid: ISSUING_DISTRIBUTION_POINT,
  isCritical: true,
  value: encodeTlv(0x30, ...flags.map(([tag, contents]) => encodeTlv(tag, contents))),
});
const part = (number: number, total: number) => [
  { oid: '2.23.146.1.2.0.2', isCritical: true, value: encodeTlv(0x02, Uint8Array.of(total)) },
  { oid: '2.23.146.1.2.0.3', isCritical: true, value: encodeTlv(0x02, Uint8Array.of(number)) },
];

function assertUnusable(contents: Partial<CrlContents>, words: RegExp): void {
  assert.throws(
    () => verified(contents),
    (error) => error instanceof VerifyError && words.test(error.message),
  );
}

describe('RFC 5280 §5.3 entries of a CRL', () => {
  for (const code of [0, 1, 2, 5, 6, 9]) {
    test(`reasonCode ${code}: revoked`, () => {
      assert.ok(isRevoked(eum.certificate, [verified({ revoked: [entry(eum, reason(code))] })]));
    });
  }

  test('reasonCode removeFromCRL: no longer revoked', () => {
    assert.ok(!isRevoked(eum.certificate, [verified({ revoked: [entry(eum, reason(8))] })]));
  });

  test('invalidityDate and the expiration date of SGP.22 §4.5.2.2, also critical: revoked', () => {
    const date = encodeTlv(0x18, Buffer.from('20200101000000Z'));
    const dates = ['2.5.29.24', '2.23.146.1.2.0.1'].map((oid) => ({
      oid,
      isCritical: true,
      value: date,
    }));
    assert.ok(isRevoked(eum.certificate, [verified({ revoked: [entry(eum, ...dates)] })]));
  });

  test('an unknown extension: revoked; a critical one: the whole CRL is unusable', () => {
    const unknown = { oid: '1.2.3.4', value: encodeTlv(0x05) };
    assert.ok(isRevoked(eum.certificate, [verified({ revoked: [entry(eum, unknown)] })]));
    assertUnusable(
      { revoked: [entry(pki.issueEum()), entry(eum, { ...unknown, isCritical: true })] },
      /^critical extension 1\.2\.3\.4 of an entry is unknown$/,
    );
  });

  test('certificateIssuer: the certificate is from that issuer, and so are those after it', () => {
    const [first, second] = [pki.issueEuicc(), pki.issueEuicc()];
    const crl = verified({
      revoked: [entry(first, issuedBy(eum)), entry(second), entry(eum, issuedBy(ci))],
      extensions: [point([0x84, TRUE])],
    });
    for (const { certificate } of [first, second, eum]) assert.ok(isRevoked(certificate, [crl]));
    // The same serial number from another issuer is another certificate.
    const same = { serialNumber: Uint8Array.fromHex(first.certificate.serialNumberHex) };
    assert.ok(!isRevoked(pki.issueServer('dpAuth', same).certificate, [crl]));
    assert.ok(!isRevoked(pki.issueEuicc().certificate, [crl]));
  });

  test('a CRL with a certificateIssuer without a name is malformed', () => {
    const value = encodeTlv(0x30, encodeTlv(0x82, Buffer.from('ci.example')));
    const nameless = { oid: '2.5.29.29', isCritical: true, value };
    assert.throws(() => verified({ revoked: [entry(eum, nameless)] }), DerError);
  });
});

describe('RFC 5280 §5.2, SGP.22 §4.5.2.2 which part of a list a CRL covers', () => {
  const named = encodeTlv(0xa0, encodeTlv(0x86, Buffer.from('http://ci.example/A.crl')));
  for (const [title, extensions, scope] of [
    ['without issuingDistributionPoint', [], ''],
    ['with only the name of the point', [point([0xa0, named])], ''],
    ['with flags that are false', [point([0x81, Uint8Array.of(0)])], ''],
    ['of user certificates', [point([0x81, TRUE])], 'user'],
    ['of CAs', [point([0x82, TRUE])], 'ca'],
    ['in one part', part(1, 1), ''],
    ['the second of three parts', part(2, 3), '2/3'],
  ] as const) {
    test(`${title}: ${scope || 'all of it'}`, () => {
      const crl = verified({ extensions, revoked: [entry(eum)] });
      assert.equal(crl.scope, scope);
      assert.ok(isRevoked(eum.certificate, [crl]), 'what it names is revoked all the same');
    });
  }

  test('part 4 of 3 is malformed', () => {
    assert.throws(() => verified({ extensions: part(4, 3) }), DerError);
  });

  const base = encodeTlv(0x02, Uint8Array.of(1));
  for (const [title, extension, words] of [
    ['a delta CRL', { oid: '2.5.29.27', isCritical: true, value: base }, /a delta CRL.*complete/],
    ['a delta CRL with a non-critical indicator', { oid: '2.5.29.27', value: base }, /delta/],
    ['one for some reasons', point([0x83, Uint8Array.of(6, 0x40)]), /some reasons.*complete/],
    ['one for attribute certificates', point([0x85, TRUE]), /attribute certificates/],
    [
      'one with an unknown critical extension',
      { oid: '1.2.3.4', isCritical: true, value: base },
      /^critical CRL extension 1\.2\.3\.4 is unknown$/,
    ],
  ] as const) {
    test(`${title} cannot be used, and the message says why`, () => {
      assertUnusable({ extensions: [extension] }, words);
    });
  }
});

describe('RFC 5280 §5.1.2.6 a long CRL', () => {
  const serial = (number: number) => {
    const digits = number.toString(16).padStart(4, '0');
    return (number >= 0x8000 ? `00${digits}` : digits).replace(/^00(?=[0-7])/, '');
  };
  const crl = verified({
    revoked: Array.from({ length: 0x8000 }, (_, index) => ({
      serialNumberHex: serial(2 * index + 1).toUpperCase(),
      // UTCTime, and GeneralizedTime.
      revocationDate: index % 7 === 0 ? new Date('2050-01-01T00:00:00Z') : past,
      extensions: index % 3 === 0 ? [reason(index % 2)] : [],
    })),
  });

  test('has the certificates that it lists, and no others', () => {
    assert.equal(crl.revoked.size, 0x8000);
    for (let number = 1; number <= 0xffff; number += 1) {
      assert.equal(crl.revoked.has(serial(number).toUpperCase()), number % 2 === 1, String(number));
    }
    assert.ok(!crl.revoked.has(''));
  });
});

describe('RFC 5280 §5.2.1, §5.2.3 the number of a CRL, and the key that has signed it', () => {
  test('are read', () => {
    assert.equal(verified({ crlNumber: 2024 }).number, 2024n);
    assert.equal(verified({}).number, undefined);
  });

  test('are refused if they are none, or another key', () => {
    const withNumber = (value: Uint8Array) => ({ extensions: [{ oid: '2.5.29.20', value }] });
    for (const value of [
      encodeTlv(0x02, Uint8Array.of(0xff)),
      encodeTlv(0x02, new Uint8Array(22).fill(1)),
      encodeTlv(0x04, Uint8Array.of(1)),
    ]) {
      assert.throws(() => verified(withNumber(value)), DerError);
    }
    const keyOf = ({ certificate }: Holder) => ({
      oid: '2.5.29.35',
      value: encodeTlv(0x30, encodeTlv(0x80, certificate.extensions.subjectKeyIdentifier!)),
    });
    assert.ok(verified({ extensions: [keyOf(ci)] }));
    assertUnusable({ extensions: [keyOf(eum)] }, /not from this CI/);
  });
});
