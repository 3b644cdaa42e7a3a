// The session keys of one download (§2.6.4.2, annex G): key agreement with one-time keys, then the X9.63 KDF.
import { createECDH, hash } from 'node:crypto';
import { verifyPoint, type CurveName } from './curve.ts';

export const KEY_TYPE = 0x88; // §5.5.1: AES
export const KEY_LENGTH = 16;

/** A one-time key pair, used for one package only (§2.6.4.1). */
export interface OneTimeKey {
  readonly curve: CurveName;
  /** 04 ‖ X ‖ Y */
  readonly otpk: Uint8Array;
  /** 32 bytes. */
  readonly otsk: Uint8Array;
  /** The X coordinate of the shared point, 32 bytes. The peer's point must have been verified. */
  agree(peerOtpk: Uint8Array): Uint8Array;
}

/** The keys that protect a package: 16 bytes each. */
export interface SessionKeys {
  readonly initialMacChainingValue: Uint8Array;
  readonly sEnc: Uint8Array;
  readonly sMac: Uint8Array;
}

/** A new key pair, or that of a given private key. */
export function createOneTimeKey(curve: CurveName, otsk?: Uint8Array): OneTimeKey {
  const ecdh = createECDH(curve);
  if (otsk === undefined) ecdh.generateKeys();
  else ecdh.setPrivateKey(otsk);
  // Node drops leading zeros of the private key; pad it to a fixed length.
  const privateKey = Buffer.concat([Buffer.alloc(32), ecdh.getPrivateKey()]).subarray(-32);
  return {
    curve,
    otpk: new Uint8Array(ecdh.getPublicKey()),
    otsk: new Uint8Array(privateKey),
    agree: (peerOtpk) => ecdh.computeSecret(peerOtpk),
  };
}

/** The probability that so many candidates in a row are invalid is about 2^-100. */
const MOST = 64;

/**
 * The key pair of the first valid private key among the outputs of `octetsOf`, which gives 32 pseudorandom octets for
 * each counter from 0.
 */
export function deriveOneTimeKey(
  curve: CurveName,
  octetsOf: (counter: number) => Uint8Array,
): OneTimeKey {
  for (let counter = 0; ; counter += 1) {
    try {
      return createOneTimeKey(curve, octetsOf(counter));
    } catch (error) {
      // Out of range: not below the order of the curve, as for a third of all numbers on brainpoolP256r1.
      if (counter === MOST) throw error;
    }
  }
}

/**
 * The session keys from our private and the peer's public one-time key. `eid` has 16 bytes, `hostId` 1 to 16. Throws
 * `VerifyError` if the peer's key is not a point of the curve.
 */
export function agreeSessionKeys(
  own: OneTimeKey,
  peerOtpk: Uint8Array,
  hostId: Uint8Array,
  eid: Uint8Array,
): SessionKeys {
  verifyPoint(own.curve, peerOtpk);
  return deriveSessionKeys(own.agree(peerOtpk), hostId, eid);
}

/** Annex G: SHA-256 KDF over the shared secret; the chaining value comes first, then S-ENC, then S-MAC. */
export function deriveSessionKeys(
  sharedSecret: Uint8Array,
  hostId: Uint8Array,
  eid: Uint8Array,
): SessionKeys {
  const sharedInfo = Buffer.concat([
    Uint8Array.of(KEY_TYPE, KEY_LENGTH, hostId.length),
    hostId,
    Uint8Array.of(eid.length),
    eid,
  ]);
  // BSI TR-03111 §4.3.3: H(secret ‖ counter ‖ SharedInfo) with the counter in 4 bytes from 1.
  const blocks = [1, 2].map((counter) =>
    hash(
      'sha256',
      Buffer.concat([sharedSecret, Uint8Array.of(0, 0, 0, counter), sharedInfo]),
      'buffer',
    ),
  );
  const keys = new Uint8Array(Buffer.concat(blocks));
  return {
    initialMacChainingValue: keys.slice(0, 16),
    sEnc: keys.slice(16, 32),
    sMac: keys.slice(32, 48),
  };
}
