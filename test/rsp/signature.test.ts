import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { curveNames, curveOid, findCurve, verifyPoint } from '../../src/rsp/curve.ts';
import { createKeyOfSpki, encodeSubjectPublicKeyInfo, pointOf } from '../../src/rsp/public-key.ts';
import { createSigner, isSignature } from '../../src/rsp/signature.ts';
import { hex, toHex } from './vectors.ts';

const signed = hex('0102');

describe('§2.6.7.2 signatures', () => {
  for (const curve of curveNames) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve });
    const signer = createSigner(privateKey);

    test(`r ‖ s on ${curve} is verified`, () => {
      const signature = signer.sign(signed);
      assert.equal(signature.length, 64);
      assert.equal(signer.curve, curve);
      assert.ok(isSignature(publicKey, signature, signed));
      assert.ok(isSignature(publicKey, signature, hex('01'), hex('02')));
    });

    test(`other bytes, another key or a changed signature on ${curve} are not`, () => {
      const signature = signer.sign(signed);
      const other = generateKeyPairSync('ec', { namedCurve: curve }).publicKey;
      const changed = Uint8Array.from(signature);
      changed[63]! ^= 1;
      assert.ok(!isSignature(publicKey, signature, hex('0103')));
      assert.ok(!isSignature(other, signature, signed));
      assert.ok(!isSignature(publicKey, changed, signed));
      assert.ok(!isSignature(publicKey, new Uint8Array(64), signed));
    });

    test(`63 or 65 bytes, or DER, on ${curve} are not a signature`, () => {
      const signature = signer.sign(signed);
      const der = Uint8Array.from(sign('sha256', signed, { key: privateKey, dsaEncoding: 'der' }));
      for (const wrong of [signature.subarray(1), Uint8Array.of(0, ...signature), der]) {
        assert.ok(!isSignature(publicKey, wrong, signed));
      }
    });

    test(`a public key on ${curve} is converted to SubjectPublicKeyInfo and back`, () => {
      const point = pointOf(publicKey);
      verifyPoint(curve, point);
      const spki = encodeSubjectPublicKeyInfo(curve, point);
      assert.equal(toHex(spki), publicKey.export({ format: 'der', type: 'spki' }).toString('hex'));
      assert.ok(createKeyOfSpki(spki).equals(createPublicKey(privateKey)));
      assert.equal(findCurve(curveOid(curve)), curve);
    });
  }

  test('a key of another kind cannot be a signer', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
    assert.throws(() => createSigner(privateKey), RangeError);
    assert.throws(() => createSigner(generateKeyPairSync('ed25519').privateKey), RangeError);
  });
});
