// What the signatures of ESep cover (SGP.32 §2.11.1.1, §2.11.2.1): the signed structure as it was sent, and the association token.
import type { KeyObject } from 'node:crypto';
import { encodeIntegerContents } from './der-values.ts';
import { encodeTlv } from './der.ts';
import { isSignature } from './signature.ts';

/** SGP.32 §2.11.1.1: zero, if the eUICC was given no token for the eIM. */
const NO_ASSOCIATION_TOKEN = 0;

/** The TLV of the token as signatures cover it. */
export function associationTokenTlv(associationToken = NO_ASSOCIATION_TOKEN): Uint8Array {
  return encodeTlv(0x84, encodeIntegerContents(associationToken));
}

/** The bytes that eimSignature covers, and since v1.1 euiccSignEPR and euiccSignEPE. */
export function signedWithToken(signed: Uint8Array, associationToken?: number): Uint8Array {
  return Uint8Array.from(Buffer.concat([signed, associationTokenTlv(associationToken)]));
}

/** Whether an eIM signed a package for an eUICC with this token. */
export function isEimSignature(
  publicKey: KeyObject,
  eimSignature: Uint8Array,
  euiccPackageSigned: Uint8Array,
  associationToken?: number,
): boolean {
  return isSignature(
    publicKey,
    eimSignature,
    signedWithToken(euiccPackageSigned, associationToken),
  );
}
