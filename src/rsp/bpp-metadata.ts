// The profile metadata in a bound profile package (§2.5.4), which are in clear: each segment ends with its MAC (§2.6.4.4).
import { BoundProfilePackage } from './definitions/bound-profile-package.ts';
import { readDer } from './der.ts';

const MAC_SIZE = 8;

/** StoreMetadataRequest. Throws `DerError` if it is no bound profile package. */
export function metadataIn(boundProfilePackage: Uint8Array): Uint8Array {
  const { sequenceOf88 } = BoundProfilePackage.decode(boundProfilePackage);
  const pieces = sequenceOf88.map((segment) => readDer(segment).contents.subarray(0, -MAC_SIZE));
  return Uint8Array.from(Buffer.concat(pieces));
}
