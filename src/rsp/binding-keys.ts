// The keys of a binding (§2.6.4.1, §2.5.3), derived from a secret seed and everything that they protect. A retried
// download has the same keys, and so the same segments, if nothing has changed, and different keys otherwise. So no
// two plaintexts are ever encrypted under the same key and counter, whatever the caller does.
import { createHash, hkdfSync } from 'node:crypto';
import type { CurveName } from './curve.ts';
import type { ReplaceSessionKeysRequest } from './definitions/bound-profile-package.ts';
import { deriveOneTimeKey, KEY_LENGTH, type OneTimeKey } from './session-keys.ts';

/** Length of a seed, which must be random. */
export const SEED_LENGTH = 48;

export interface BindingKeys {
  /** otPK.DP.KA and otSK.DP.KA. */
  readonly oneTimeKey: OneTimeKey;
  /** §5.5.4: the keys that protect the profile in random keys mode. */
  readonly profileKeys: ReplaceSessionKeysRequest;
}

/** @param contents everything that the keys protect, and whatever else they depend on, in a fixed order */
export function deriveBindingKeys(
  seed: Uint8Array,
  curve: CurveName,
  contents: readonly Uint8Array[],
): BindingKeys {
  if (seed.length !== SEED_LENGTH) throw new RangeError(`a seed has ${SEED_LENGTH} octets`);
  const digest = digestOf([Buffer.from(curve), ...contents]);
  const derive = (name: string, size: number) =>
    new Uint8Array(hkdfSync('sha256', seed, digest, name, size));
  const octets = derive('ReplaceSessionKeys', 3 * KEY_LENGTH);
  return {
    oneTimeKey: deriveOneTimeKey(curve, (counter) => derive(`otSK.DP ${counter}`, 32)),
    profileKeys: {
      initialMacChainingValue: octets.slice(0, KEY_LENGTH),
      ppkEnc: octets.slice(KEY_LENGTH, 2 * KEY_LENGTH),
      ppkCmac: octets.slice(2 * KEY_LENGTH),
    },
  };
}

/** Includes the length of each part, so different lists have different digests. */
function digestOf(parts: readonly Uint8Array[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    digest.update(length).update(part);
  }
  return digest.digest();
}
