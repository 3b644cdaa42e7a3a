// §2.6.5: the one-time keys of a binding. They are kept, because an eUICC that was interrupted may come
// again with the same key, and the same profile may then be bound with the same keys.
import type { Context } from '../context.ts';
import type { CurveName } from '../rsp/curve.ts';
import type { OneTimeKey } from '../rsp/session-keys.ts';
import { createOneTimeKey } from '../rsp/session-keys.ts';
import type { DownloadOrder } from './download-order.ts';

export interface BoundKeys {
  oneTimeKey: OneTimeKey;
  /** As the row holds them. */
  euiccOtpk: string;
  sealedOtsk: string;
}

const keyPlace = (accountSid: string, iccid: string) =>
  `profile_bindings.smdp_otsk ${accountSid} ${iccid}`;

/** The keys of the binding when the same eUICC comes with the same one-time key, otherwise new ones. */
export async function bindingKeys(
  { profile }: DownloadOrder,
  eid: string,
  euiccOtpk: Uint8Array,
  curve: CurveName,
  { store, masterKey }: Context,
): Promise<BoundKeys> {
  const { account_sid: accountSid, iccid } = profile;
  const otpk = Buffer.from(euiccOtpk).toString('base64');
  const place = keyPlace(accountSid, iccid);
  const kept =
    profile.state === 'Downloaded'
      ? await store.profileBindings.find(accountSid, iccid)
      : undefined;
  if (kept?.eid === eid && kept.euicc_otpk === otpk) {
    const otsk = Buffer.from(masterKey.open(kept.smdp_otsk, place), 'base64');
    return {
      oneTimeKey: createOneTimeKey(curve, otsk),
      euiccOtpk: otpk,
      sealedOtsk: kept.smdp_otsk,
    };
  }
  const oneTimeKey = createOneTimeKey(curve);
  const otsk = Buffer.from(oneTimeKey.otsk).toString('base64');
  return { oneTimeKey, euiccOtpk: otpk, sealedOtsk: masterKey.seal(otsk, place) };
}
