import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { describe, test } from 'node:test';
import { curveNames } from '../../src/rsp/curve.ts';
import {
  agreeSessionKeys,
  createOneTimeKey,
  deriveSessionKeys,
} from '../../src/rsp/session-keys.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { hex, readVectors, toHex } from './vectors.ts';

const { cases } = readVectors('session-keys') as {
  cases: {
    sharedSecretHex: string;
    hostIdHex: string;
    eidHex: string;
    initialMacChainingValueHex: string;
    sEncHex: string;
    sMacHex: string;
  }[];
};
const hostId = hex('0102');
const eid = hex('89049032123451234512345678901235');

describe('§2.6.4.2 session keys', () => {
  for (const vector of cases) {
    test(`annex G: chaining value, S-ENC, S-MAC for EID ${vector.eidHex}`, () => {
      const keys = deriveSessionKeys(
        hex(vector.sharedSecretHex),
        hex(vector.hostIdHex),
        hex(vector.eidHex),
      );
      assert.equal(toHex(keys.initialMacChainingValue), vector.initialMacChainingValueHex);
      assert.equal(toHex(keys.sEnc), vector.sEncHex);
      assert.equal(toHex(keys.sMac), vector.sMacHex);
    });
  }

  for (const curve of curveNames) {
    test(`both sides agree on ${curve}`, () => {
      const smdp = createOneTimeKey(curve);
      const euicc = createOneTimeKey(curve);
      assert.deepEqual(
        agreeSessionKeys(smdp, euicc.otpk, hostId, eid),
        agreeSessionKeys(euicc, smdp.otpk, hostId, eid),
      );
    });

    test(`a key pair on ${curve} is restored from its private key`, () => {
      const key = createOneTimeKey(curve);
      assert.equal(key.otsk.length, 32);
      assert.deepEqual(createOneTimeKey(curve, key.otsk).otpk, key.otpk);
    });
  }

  test('§2.6.4.1 a peer key in another format or off the curve is refused', () => {
    const own = createOneTimeKey('prime256v1');
    const peer = createOneTimeKey('prime256v1').otpk;
    const compressed = createECDH('prime256v1');
    compressed.generateKeys();
    const offCurve = Uint8Array.from(peer);
    offCurve[64]! ^= 1;
    for (const otpk of [
      new Uint8Array(),
      hex('00'),
      Uint8Array.from(compressed.getPublicKey(null, 'compressed')),
      Uint8Array.from(compressed.getPublicKey(null, 'hybrid')),
      peer.subarray(0, 64),
      offCurve,
      hex(`04${'ff'.repeat(64)}`),
      hex(`04${'00'.repeat(64)}`),
      createOneTimeKey('brainpoolP256r1').otpk,
    ]) {
      assert.throws(
        () => agreeSessionKeys(own, otpk, hostId, eid),
        (error) => error instanceof VerifyError && error.failure === 'public-key',
      );
    }
  });
});
