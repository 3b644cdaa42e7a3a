// §2.6.5: the one-time keys of a binding. They are kept, because an eUICC that was interrupted may come
// again with the same key, and the same profile may then be bound with the same keys.
import type { MasterKey } from '../keys.ts';
import type { CurveName } from '../rsp/curve.ts';
import type { OneTimeKey } from '../rsp/session-keys.ts';
import { createOneTimeKey } from '../rsp/session-keys.ts';
import type { SubscriptionRow } from '../store/schema.ts';

export interface BoundKeys {
  oneTimeKey: OneTimeKey;
  /** As the row holds them. */
  columns: { euicc_otpk: string; smdp_otsk: string };
}

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
  const otsk = Buffer.from(masterKey.open(smdp_otsk, keyPlace(profile)), 'base64');
  return { oneTimeKey: createOneTimeKey(curve, otsk), columns: { euicc_otpk, smdp_otsk } };
}

export function newKeys(
  profile: SubscriptionRow,
  euiccOtpk: Uint8Array,
  curve: CurveName,
  masterKey: MasterKey,
): BoundKeys {
  const oneTimeKey = createOneTimeKey(curve);
  const smdp_otsk = masterKey.seal(oneTimeKey.otsk.toBase64(), keyPlace(profile));
  return { oneTimeKey, columns: { euicc_otpk: euiccOtpk.toBase64(), smdp_otsk } };
}
