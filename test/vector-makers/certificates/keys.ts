// Keys from a label and signatures without chance (RFC 6979), so that the vectors are the same whenever they are made.
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { brainpoolP256r1 } from '@noble/curves/misc.js';
import { p256 } from '@noble/curves/nist.js';
import { curveOid, type CurveName } from '../../../src/rsp/curve.ts';
import { encodeOidContents } from '../../../src/rsp/der-values.ts';
import { encodeTlv } from '../../../src/rsp/der.ts';

const curves = { prime256v1: p256, brainpoolP256r1 } as const;

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  /** DER of the ECDSA signature with SHA-256. */
  sign(bytes: Uint8Array): Uint8Array;
  /** r ‖ s, as RSP messages have it and certificates do not. */
  signRaw(bytes: Uint8Array): Uint8Array;
}

const known = new Map<string, KeyPair>();

/** The key of this name, always the same. It is for tests alone: anybody can compute it. */
export function keyNamed(name: string, curve: CurveName = 'prime256v1'): KeyPair {
  const title = `${curve} ${name}`;
  const pair = known.get(title) ?? makeKey(`Simwright vectors: ${title}`, curve);
  known.set(title, pair);
  return pair;
}

function makeKey(seed: string, curve: CurveName): KeyPair {
  // Below the order of both curves, whose first byte is A9 or more.
  const secret = new Uint8Array(createHash('sha256').update(seed).digest());
  secret[0]! &= 0x7f;
  const privateKey = createPrivateKey({
    key: Buffer.from(ecPrivateKey(secret, curve)),
    format: 'der',
    type: 'sec1',
  });
  const signAs = (format: 'der' | 'compact') => (bytes: Uint8Array) =>
    curves[curve].sign(bytes, secret, { prehash: true, format });
  return {
    privateKey,
    publicKey: createPublicKey(privateKey),
    sign: signAs('der'),
    signRaw: signAs('compact'),
  };
}

/** ECPrivateKey (RFC 5915). */
function ecPrivateKey(secret: Uint8Array, curve: CurveName): Uint8Array {
  const point = curves[curve].getPublicKey(secret, false);
  return encodeTlv(
    0x30,
    encodeTlv(0x02, Uint8Array.of(1)),
    encodeTlv(0x04, secret),
    encodeTlv(0xa0, encodeTlv(0x06, encodeOidContents(curveOid(curve)))),
    encodeTlv(0xa1, encodeTlv(0x03, Uint8Array.of(0), point)),
  );
}
