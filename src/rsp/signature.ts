// ECDSA with SHA-256 in the format of RSP (§2.6.7.2, BSI TR-03111 §5.2.1): r ‖ s, 32 bytes each.
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { COORDINATE_SIZE, curveNames, type CurveName } from './curve.ts';
import { pointOf } from './public-key.ts';

const SIGNATURE_SIZE = 2 * COORDINATE_SIZE;

/** A private key that signs, here or in an HSM. */
export interface Signer {
  readonly curve: CurveName;
  /** 04 ‖ X ‖ Y */
  readonly publicKey: Uint8Array;
  /** r ‖ s over the SHA-256 of the bytes, 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** A synchronous signer. */
export interface LocalSigner extends Signer {
  sign(bytes: Uint8Array): Uint8Array;
}

/** A signer with its key in this process, an EC private key on one of the RSP curves. */
export function createSigner(privateKey: KeyObject): LocalSigner {
  const namedCurve = privateKey.asymmetricKeyDetails?.namedCurve;
  const curve = curveNames.find((name) => name === namedCurve);
  if (curve === undefined) throw new RangeError(`not a key on ${curveNames.join(' or ')}`);
  const publicKey = pointOf(createPublicKey(privateKey));
  return {
    curve,
    publicKey,
    sign: (bytes) =>
      new Uint8Array(sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

/** Verifies a raw signature over these bytes, concatenated. */
export function isSignature(
  publicKey: KeyObject,
  signature: Uint8Array,
  ...signed: readonly Uint8Array[]
): boolean {
  if (signature.length !== SIGNATURE_SIZE) return false;
  const bytes = signed.length === 1 && signed[0] !== undefined ? signed[0] : Buffer.concat(signed);
  return verify('sha256', bytes, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

/** The same for a signature in DER, which some IoT eUICCs write. */
export function isSignatureInDer(
  publicKey: KeyObject,
  signature: Uint8Array,
  ...signed: readonly Uint8Array[]
): boolean {
  return verify('sha256', Buffer.concat(signed), { key: publicKey, dsaEncoding: 'der' }, signature);
}
