// The certificate that a ClientHello gets, out of those of several CIs.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { chooseCertificate, toCandidate } from '../../src/es9plus/choose-certificate.ts';
import { parseClientHello } from '../../src/es9plus/client-hello.ts';
import type { PkiTls } from '../../src/smdp/pki/pki.ts';
import { assemblePki } from '../../src/smdp/pki/pki.ts';
import { makeTestPki } from '../../src/smdp/pki/test-pki.ts';
import type { HelloParts } from './hello.ts';
import { clientHello } from './hello.ts';

const NOW = new Date();
const [P256, BRAINPOOL, BRAINPOOL_13] = [23, 26, 31];
const [ECDSA_P256, ECDSA_BRAINPOOL] = [0x0403, 0x081a];
const TLS_1_2: HelloParts = { signatureAlgorithms: [ECDSA_P256] };
const TLS_1_3: HelloParts = { versions: [0x0304, 0x0303], groups: [P256, BRAINPOOL_13] };

/** P-256, then brainpool, as the first start makes them. */
const [p256, brainpool] = assemblePki(makeTestPki('esim.example.com', NOW), [], NOW).tls as [
  PkiTls,
  PkiTls,
];
const imported = (tls: PkiTls): PkiTls => ({ ...tls, generated: false });

function choose(parts: HelloParts | undefined, certificates: PkiTls[] = [p256, brainpool]) {
  const hello = parts && parseClientHello(clientHello(parts));
  const { candidate, version } = chooseCertificate(certificates.map(toCandidate), hello);
  return [certificates.indexOf(candidate.tls), version];
}

describe('§2.6.6 TLS 1.2 (RFC 8422): the groups tell the curve', () => {
  for (const [title, groups, expected] of [
    ['P-256 alone', [P256], 0],
    ['brainpoolP256r1 alone', [BRAINPOOL], 1],
    ['both: the one that the client names first', [29, BRAINPOOL, P256], 1],
    ['both, the other way round', [P256, BRAINPOOL], 0],
    ['none said: any is right, so the first', undefined, 0],
  ] as const) {
    test(title, () => {
      const parts = { ...TLS_1_2, ...(groups === undefined ? {} : { groups: [...groups] }) };
      assert.deepEqual(choose(parts), [expected, 'TLSv1.2']);
    });
  }

  test('a client without ECDSA can verify none: the first, for OpenSSL to refuse', () => {
    const rsa = { groups: [P256, BRAINPOOL], signatureAlgorithms: [0x0401] };
    assert.deepEqual(choose(rsa), [0, undefined]);
  });
});

describe('§2.6.6 TLS 1.3 (RFC 8446, RFC 8734): the signature algorithms tell the curve', () => {
  for (const [title, signatureAlgorithms, expected] of [
    ['P-256 alone', [ECDSA_P256], [0, 'TLSv1.3']],
    ['brainpoolP256r1 alone', [ECDSA_BRAINPOOL], [1, 'TLSv1.3']],
    ['both: the one that the client names first', [ECDSA_BRAINPOOL, ECDSA_P256], [1, 'TLSv1.3']],
    ['both, the other way round', [ECDSA_P256, ECDSA_BRAINPOOL], [0, 'TLSv1.3']],
  ] as const) {
    test(title, () => {
      assert.deepEqual(
        choose({ ...TLS_1_3, signatureAlgorithms: [...signatureAlgorithms] }),
        expected,
      );
    });
  }

  test('the signatures within certificates count as well, where they are said', () => {
    const parts = {
      ...TLS_1_3,
      signatureAlgorithms: [ECDSA_P256, ECDSA_BRAINPOOL],
      certificateSignatureAlgorithms: [ECDSA_BRAINPOOL],
    };
    assert.deepEqual(choose(parts), [1, 'TLSv1.3']);
  });

  test('without a group for the key exchange, or the algorithm of TLS 1.3, TLS 1.2 is left', () => {
    const groups = [BRAINPOOL];
    const both = { ...TLS_1_3, groups, signatureAlgorithms: [ECDSA_BRAINPOOL, ECDSA_P256] };
    assert.deepEqual(choose(both), [1, 'TLSv1.2']);
    const old = { ...TLS_1_3, groups: [BRAINPOOL, P256], signatureAlgorithms: [0x0503] };
    assert.deepEqual(choose(old), [1, 'TLSv1.2']);
    // No brainpool at all for one that speaks TLS 1.3 alone.
    assert.deepEqual(choose({ ...old, versions: [0x0304] }), [0, undefined]);
  });

  test('one in TLS 1.3 and one in TLS 1.2: the curve that the client names first', () => {
    const parts = { ...TLS_1_3, signatureAlgorithms: [ECDSA_P256] };
    assert.deepEqual(choose({ ...parts, groups: [P256, BRAINPOOL] }), [0, 'TLSv1.3']);
    assert.deepEqual(choose({ ...parts, groups: [BRAINPOOL, P256] }), [1, 'TLSv1.2']);
  });
});

describe('§2.6.6 a client that says which CIs it trusts', () => {
  const both = { ...TLS_1_3, signatureAlgorithms: [ECDSA_P256, ECDSA_BRAINPOOL] };
  const { ci } = brainpool;
  const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest();

  for (const [title, parts] of [
    ['certificate_authorities', { authorities: [ci.subject.der] }],
    ['trusted_ca_keys, by the key', { trustedCaKeys: [[1, sha1(ci.publicKeyPoint)]] }],
    ['trusted_ca_keys, by the certificate', { trustedCaKeys: [[3, sha1(ci.der)]] }],
    ['trusted_ca_keys, by the key identifier', { trustedCaKeys: [[1, brainpool.ciPKId]] }],
  ] as [string, HelloParts][]) {
    test(`${title}: gets the certificate of that CI`, () => {
      assert.deepEqual(choose({ ...both, ...parts }), [1, 'TLSv1.3']);
      assert.deepEqual(choose({ ...TLS_1_2, groups: [P256, BRAINPOOL], ...parts }), [1, 'TLSv1.2']);
    });
  }

  test('but not one that it cannot verify', () => {
    const parts = { ...TLS_1_3, signatureAlgorithms: [ECDSA_P256], authorities: [ci.subject.der] };
    assert.deepEqual(choose(parts), [0, 'TLSv1.3']);
  });

  test('and a CI that we do not have changes nothing', () => {
    assert.deepEqual(choose({ ...both, authorities: [p256.certificate.subject.der] }), [
      0,
      'TLSv1.3',
    ]);
  });
});

describe('where the client leaves it open', () => {
  const both = { ...TLS_1_3, signatureAlgorithms: [ECDSA_BRAINPOOL, ECDSA_P256] };

  test('what was imported goes before what was made here for tests', () => {
    assert.deepEqual(choose(both, [imported(p256), brainpool]), [0, 'TLSv1.3']);
  });

  test('the host that is called goes before both', () => {
    const [other] = assemblePki(makeTestPki('other.example.com', NOW), [], NOW).tls as [PkiTls];
    const certificates = [imported(other), p256];
    assert.deepEqual(choose({ ...both, serverName: 'ESIM.example.com' }, certificates), [
      1,
      'TLSv1.3',
    ]);
    assert.deepEqual(choose({ ...both, serverName: 'third.example.com' }, certificates), [
      0,
      'TLSv1.3',
    ]);
  });

  test('two that are alike in all this: the first', () => {
    assert.deepEqual(choose(both, [p256, { ...p256 }]), [0, 'TLSv1.3']);
  });

  test('a hello that cannot be read, or is of TLS 1.1: the first', () => {
    assert.deepEqual(choose(undefined), [0, undefined]);
    assert.deepEqual(choose({ legacyVersion: 0x0302 }), [0, undefined]);
  });
});
