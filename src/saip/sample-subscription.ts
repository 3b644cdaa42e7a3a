// Subscriptions that have the shape of another one, but none of its values.
import type { AdmName, Subscription } from './subscription.ts';

/** @param digit 1 to 9: samples of different digits differ in every value */
export function sampleOf(like: Subscription, digit: number): Subscription {
  const { iccid, imsi, aka, adm, sdKeys, otaKeys, msisdn, serviceCentre, spn } = like;
  const d = `${digit}`;
  const code = d.repeat(8);
  const bytes = ({ length }: Uint8Array) => new Uint8Array(length).fill(digit);
  const withKey = <T extends { key: Uint8Array }>(one: T) => ({ ...one, key: bytes(one.key) });
  const options = aka.algorithmOptions === undefined ? {} : { algorithmOptions: digit };
  const keys = { k: bytes(aka.k), ...options };
  const sample: Subscription = {
    iccid: `89${d.repeat(iccid.length - 2)}`,
    imsi: d.repeat(imsi.length),
    mncLength: digit % 2 === 0 ? 2 : 3,
    aka:
      aka.algorithm === 'milenage'
        ? { ...aka, ...keys, opc: bytes(aka.opc) }
        : aka.algorithm === 'tuak'
          ? { ...aka, ...keys, topc: bytes(aka.topc) }
          : { ...aka, ...keys },
  };
  for (const name of ['pin1', 'pin2', 'puk1', 'puk2'] as const) {
    if (like[name] !== undefined) sample[name] = code;
  }
  if (adm) {
    const names = Object.keys(adm) as AdmName[];
    sample.adm = Object.fromEntries(names.map((name) => [name, code]));
  }
  if (sdKeys) sample.sdKeys = sdKeys.map(withKey);
  if (otaKeys) sample.otaKeys = otaKeys.map(withKey);
  if (msisdn !== undefined) sample.msisdn = `+${code}`;
  if (serviceCentre !== undefined) sample.serviceCentre = `+${code}`;
  if (spn) sample.spn = { name: code, displayPlmn: digit % 2 === 0, hideInRoaming: false };
  return sample;
}
