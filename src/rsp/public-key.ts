// Converts public keys between points, SubjectPublicKeyInfo (RFC 5480) and node:crypto's key objects.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { POINT_SIZE, curveOid, type CurveName } from './curve.ts';
import { encodeOidContents } from './der-values.ts';
import { encodeTlv } from './der.ts';

export const ID_EC_PUBLIC_KEY = '1.2.840.10045.2.1'; // RFC 5480 §2.1.1

/** SubjectPublicKeyInfo of an uncompressed point. */
export function encodeSubjectPublicKeyInfo(curve: CurveName, point: Uint8Array): Uint8Array {
  return encodeTlv(
    0x30,
    encodeTlv(
      0x30,
      encodeTlv(0x06, encodeOidContents(ID_EC_PUBLIC_KEY)),
      encodeTlv(0x06, encodeOidContents(curveOid(curve))),
    ),
    encodeTlv(0x03, Uint8Array.of(0), point),
  );
}

/** The key object of a SubjectPublicKeyInfo whose point has been verified. */
export function createKeyOfSpki(spki: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** The 65 bytes of a key object's point: the end of its SubjectPublicKeyInfo. */
export function pointOf(publicKey: KeyObject): Uint8Array {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return new Uint8Array(spki.subarray(-POINT_SIZE));
}
