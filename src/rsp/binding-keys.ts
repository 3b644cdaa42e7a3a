// The keys of a binding (§2.6.4.1, §2.5.3), made from a secret seed and from all that goes under them. A download that
// is tried again has the same keys when nothing has changed, and then the same segments; when anything has, other keys.
// So no two plaintexts are ever encrypted under one key and counter, whatever the caller does.
import { createHash, hkdfSync } from 'node:crypto';
import type { CurveName } from './curve.ts';
import type { ReplaceSessionKeysRequest } from './definitions/bound-profile-package.ts';
import { deriveOneTimeKey, KEY_LENGTH, type OneTimeKey } from './session-keys.ts';

/** Octets of a seed, which must be random. */
export const SEED_LENGTH = 48;

export interface BindingKeys {
  /** otPK.DP.KA and otSK.DP.KA. */
  readonly oneTimeKey: OneTimeKey;
  /** §5.5.4: the keys that the profile is under in random keys mode. */
  readonly profileKeys: ReplaceSessionKeysRequest;
}

/** @param contents what the keys depend on besides, and everything that they protect, in a fixed order */
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

/** Of the parts with their lengths, so that no two lists have the same. */
function digestOf(parts: readonly Uint8Array[]): Buffer {
  const digest = createHash('sha256');
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    digest.update(length).update(part);
  }
  return digest.digest();
}
