// Persistent one-time key pairs, for resuming a download later (§5.7.5).
import type { CurveName } from '../rsp/curve.ts';
import { createOneTimeKey, type OneTimeKey } from '../rsp/session-keys.ts';
import { fromHex, toHex } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';

const MAX_KEPT = 8;

export function newOneTimeKey({ state }: Euicc, smdpOid: string, curve: CurveName): OneTimeKey {
  const key = createOneTimeKey(curve);
  const kept = { smdpOid, curve, otpk: toHex(key.otpk), otsk: toHex(key.otsk) };
  state.oneTimeKeys = [...state.oneTimeKeys, kept].slice(-MAX_KEPT);
  return key;
}

/** The unused key pair that this SM-DP+ was sent before. */
export function keptOneTimeKey(
  { state }: Euicc,
  smdpOid: string,
  otpk: Uint8Array,
): OneTimeKey | undefined {
  const kept = state.oneTimeKeys.find((key) => key.smdpOid === smdpOid && key.otpk === toHex(otpk));
  return kept === undefined ? undefined : createOneTimeKey(kept.curve, fromHex(kept.otsk));
}

export function forgetOneTimeKey({ state }: Euicc, { otpk }: OneTimeKey): void {
  state.oneTimeKeys = state.oneTimeKeys.filter((kept) => kept.otpk !== toHex(otpk));
}
