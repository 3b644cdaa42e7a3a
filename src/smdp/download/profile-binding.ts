// §2.6.5: the seed of a binding's keys. It is stored because an interrupted eUICC may return with the same one-time
// key: then unchanged contents are bound with the same keys.
import { randomBytes } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import { SEED_LENGTH } from '../../rsp/binding-keys.ts';
import type { SubscriptionRow } from '../../store/schema.ts';

export interface BindingSeed {
  seed: Uint8Array;
  /** As stored in the row. */
  columns: { euicc_otpk: string; smdp_otsk: string };
}

/** The table name is that of older versions. */
export const seedPlace = ({
  account_sid: accountSid,
  iccid,
}: Pick<SubscriptionRow, 'account_sid' | 'iccid'>) =>
  `profile_bindings.smdp_otsk ${accountSid} ${iccid}`;

/** The seed of the binding, if the same eUICC returns with the same one-time key. Throws `SealError`. */
export function keptSeed(
  profile: SubscriptionRow,
  eid: string,
  euiccOtpk: Uint8Array,
  masterKey: MasterKey,
): BindingSeed | undefined {
  const { state, euicc_otpk, smdp_otsk } = profile;
  if (state !== 'Downloaded' || profile.eid !== eid || smdp_otsk === null) return undefined;
  if (euicc_otpk !== euiccOtpk.toBase64()) return undefined;
  const seed = openSeed(profile, smdp_otsk, masterKey);
  // Bindings of older versions have keys instead, which are not reused.
  if (seed.length !== SEED_LENGTH) return undefined;
  return { seed, columns: { euicc_otpk, smdp_otsk } };
}

/** Throws `SealError`. */
export function openSeed(
  profile: SubscriptionRow,
  sealed: string,
  masterKey: MasterKey,
): Uint8Array {
  return Uint8Array.fromBase64(masterKey.open(sealed, seedPlace(profile)));
}

export function newSeed(
  profile: SubscriptionRow,
  euiccOtpk: Uint8Array,
  masterKey: MasterKey,
): BindingSeed {
  const seed = randomBytes(SEED_LENGTH);
  return {
    seed,
    columns: {
      euicc_otpk: euiccOtpk.toBase64(),
      smdp_otsk: masterKey.seal(seed.toString('base64'), seedPlace(profile)),
    },
  };
}
