// AUTHENTICATE of the USIM (TS 31.102 §7.1.2, TS 33.102 §6.3): proves that an installed profile has the right keys.
import { elementsOf, decodeProfilePackage } from '../saip/profile-element.ts';
import { ALGORITHM_IDS } from '../saip/aka-parameter.ts';
import { milenage, type MilenageKey } from '../saip/milenage.ts';
import { fromBase64, fromHex, toHex, type ProfileState } from './euicc-state.ts';
import { DeviceError } from './device-error.ts';

export type AuthenticateAnswer =
  | {
      readonly outcome: 'ok';
      readonly res: Uint8Array;
      readonly ck: Uint8Array;
      readonly ik: Uint8Array;
    }
  | { readonly outcome: 'mac-failure' }
  | { readonly outcome: 'synchronisation-failure'; readonly auts: Uint8Array };

/** `rand` and `autn` have 16 bytes. An accepted sequence number is stored in the profile. */
export function authenticate(
  profile: ProfileState,
  rand: Uint8Array,
  autn: Uint8Array,
): AuthenticateAnswer {
  const key = milenageKey(profile);
  const amf = autn.subarray(6, 8);
  // f5 needs neither SQN nor AMF.
  const { ak } = milenage(key, { rand, sqn: new Uint8Array(6), amf });
  const sqn = xor(autn.subarray(0, 6), ak);
  const { macA, res, ck, ik } = milenage(key, { rand, sqn, amf });
  if (Buffer.compare(macA, autn.subarray(8)) !== 0) return { outcome: 'mac-failure' };
  // TS 33.102 §6.3.3: a sequence number may be used only once.
  const sqnMs = fromHex(profile.sqn);
  if (Buffer.compare(sqn, sqnMs) <= 0) {
    // TS 33.102 §6.3.3: AUTS = SQN_MS ⊕ AK* ‖ MAC-S, with an AMF of zeros.
    const again = milenage(key, { rand, sqn: sqnMs, amf: new Uint8Array(2) });
    const auts = Buffer.concat([xor(sqnMs, again.akStar), again.macS]);
    return { outcome: 'synchronisation-failure', auts: Uint8Array.from(auts) };
  }
  profile.sqn = toHex(sqn);
  return { outcome: 'ok', res, ck, ik };
}

function milenageKey({ upp }: ProfileState): MilenageKey {
  const elements = decodeProfilePackage(fromBase64(upp));
  const parameter = elementsOf(elements, 'akaParameter')
    .map(({ value }) => value.algoConfiguration)
    .find((configuration) => configuration.choice === 'algoParameter')?.value;
  if (parameter?.algorithmID !== ALGORITHM_IDS.milenage) {
    throw new DeviceError('This device supports only Milenage; the profile has another algorithm.');
  }
  const { key: k, opc, rotationConstants, xoringConstants } = parameter;
  return {
    k,
    opc,
    ...(rotationConstants === undefined ? {} : { rotationConstants }),
    ...(xoringConstants === undefined ? {} : { xoringConstants }),
  };
}

function xor(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, index) => byte ^ (other[index] ?? 0));
}
