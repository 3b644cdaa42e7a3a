// §2.6.5: the keys of a binding. They are kept, because an eUICC that was interrupted may come again with
// the same one-time key, and the same profile may then be bound with the same keys.
import { randomBytes } from 'node:crypto';
import type { MasterKey } from '../keys.ts';
import { PROFILE_KEYS_LENGTH, profileKeysOf } from '../rsp/bound-profile-package.ts';
import type { CurveName } from '../rsp/curve.ts';
import type { ReplaceSessionKeysRequest } from '../rsp/definitions/bound-profile-package.ts';
import type { OneTimeKey } from '../rsp/session-keys.ts';
import { createOneTimeKey } from '../rsp/session-keys.ts';
import type { SubscriptionRow } from '../store/schema.ts';

export interface BoundKeys {
  oneTimeKey: OneTimeKey;
  /** The keys that the profile itself is under (§2.5.3, random keys mode). */
  profileKeys: ReplaceSessionKeysRequest;
  /** As the row holds them. */
  columns: { euicc_otpk: string; smdp_otsk: string };
}

const OTSK_LENGTH = 32;

/** The table in it is that of older versions, whose bindings are still to be opened. */
const keyPlace = ({ account_sid: accountSid, iccid }: SubscriptionRow) =>
  `profile_bindings.smdp_otsk ${accountSid} ${iccid}`;

/** The keys of the binding when the same eUICC comes with the same one-time key. Throws `SealError`. */
export function keptKeys(
  profile: SubscriptionRow,
  eid: string,
  euiccOtpk: Uint8Array,
  curve: CurveName,
  masterKey: MasterKey,
): BoundKeys | undefined {
  const { state, euicc_otpk, smdp_otsk } = profile;
  if (state !== 'Downloaded' || profile.eid !== eid || smdp_otsk === null) return undefined;
  if (euicc_otpk !== euiccOtpk.toBase64()) return undefined;
  const secrets = Uint8Array.fromBase64(masterKey.open(smdp_otsk, keyPlace(profile)));
  // A binding that an older version made has the one-time key alone: then all keys are made anew.
  if (secrets.length !== OTSK_LENGTH + PROFILE_KEYS_LENGTH) return undefined;
  return {
    oneTimeKey: createOneTimeKey(curve, secrets.subarray(0, OTSK_LENGTH)),
    profileKeys: profileKeysOf(secrets.subarray(OTSK_LENGTH)),
    columns: { euicc_otpk, smdp_otsk },
  };
}

export function newKeys(
  profile: SubscriptionRow,
  euiccOtpk: Uint8Array,
  curve: CurveName,
  masterKey: MasterKey,
): BoundKeys {
  const oneTimeKey = createOneTimeKey(curve);
  const random = randomBytes(PROFILE_KEYS_LENGTH);
  const secrets = Buffer.concat([oneTimeKey.otsk, random]).toString('base64');
  return {
    oneTimeKey,
    profileKeys: profileKeysOf(random),
    columns: {
      euicc_otpk: euiccOtpk.toBase64(),
      smdp_otsk: masterKey.seal(secrets, keyPlace(profile)),
    },
  };
}
