// EF.IMSI (TS 31.102 §4.2.2), EF.ACC (TS 31.102 §4.2.15) and EF.AD (TS 31.102 §4.2.18): the files determined by an
// IMSI and its MNC length.
import { decodeSwappedDigits, encodeSwappedDigits, requireDigits } from './digits.ts';
import { SaipError } from './saip-error.ts';

export type MncLength = 2 | 3;

const ODD = '9'; // TS 24.008 §10.5.1.4: type IMSI, odd number of digits
const EVEN = '1';

export function requireImsi(imsi: string): void {
  requireDigits('imsi', imsi, 6, 15);
}

export function encodeEfImsi(imsi: string): Uint8Array {
  requireImsi(imsi);
  const length = Math.floor(imsi.length / 2) + 1;
  const digits = (imsi.length % 2 === 1 ? ODD : EVEN) + imsi;
  return Uint8Array.of(length, ...encodeSwappedDigits(digits, 8));
}

export function decodeEfImsi(bytes: Uint8Array): string {
  if (bytes.length !== 9) throw new SaipError('bad-size', 'ef-imsi', '9 bytes', `${bytes.length}`);
  const length = bytes[0] ?? 0;
  const used = bytes.subarray(1, 1 + length);
  const rest = bytes.subarray(1 + length);
  if (length < 4 || length > 8 || rest.some((byte) => byte !== 0xff)) {
    throw new SaipError('bad-value', 'ef-imsi', 'a length of 4 to 8, then F', `length ${length}`);
  }
  const digits = decodeSwappedDigits('ef-imsi', used);
  const imsi = digits.slice(1);
  const parity = imsi.length % 2 === 1 ? ODD : EVEN;
  if (digits[0] !== parity || length !== Math.floor(imsi.length / 2) + 1) {
    throw new SaipError('bad-value', 'ef-imsi', `parity ${parity}`, digits[0] ?? 'none');
  }
  requireDigits('ef-imsi', imsi, 6, 15);
  return imsi;
}

/** TS 22.011 §4.2: classes 0 to 9 correspond to the last digit of the IMSI; 11 to 15 are special. */
export function accessClassOf(imsi: string): number {
  return Number(imsi.slice(-1));
}

export function encodeEfAcc(classes: readonly number[]): Uint8Array {
  let bits = 0;
  for (const accessClass of classes) {
    if (
      !Number.isInteger(accessClass) ||
      accessClass < 0 ||
      accessClass > 15 ||
      accessClass === 10
    ) {
      throw new SaipError('bad-value', 'ef-acc', 'classes 0 to 9 and 11 to 15', `${accessClass}`);
    }
    bits |= 1 << accessClass;
  }
  return Uint8Array.of(bits >> 8, bits & 0xff);
}

export function decodeEfAcc(bytes: Uint8Array): number[] {
  if (bytes.length !== 2) throw new SaipError('bad-size', 'ef-acc', '2 bytes', `${bytes.length}`);
  const bits = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  return Array.from({ length: 16 }, (_, i) => i).filter((i) => bits & (1 << i));
}

export interface AdministrativeData {
  operationMode: number; // 00 normal, 80 type approval
  additionalInformation: Uint8Array; // 2 bytes
  mncLength: MncLength;
}

export const DEFAULT_AD: AdministrativeData = {
  operationMode: 0,
  additionalInformation: new Uint8Array(2),
  mncLength: 2,
};

export function encodeEfAd(ad: AdministrativeData): Uint8Array {
  return Uint8Array.of(ad.operationMode, ...ad.additionalInformation, ad.mncLength);
}

export function decodeEfAd(bytes: Uint8Array): AdministrativeData {
  if (bytes.length < 4)
    throw new SaipError('bad-size', 'ef-ad', '4 bytes or more', `${bytes.length}`);
  const mncLength = (bytes[3] ?? 0) & 0x0f;
  if (mncLength !== 2 && mncLength !== 3) {
    throw new SaipError('bad-value', 'ef-ad', 'an MNC length of 2 or 3', `${mncLength}`);
  }
  return { operationMode: bytes[0] ?? 0, additionalInformation: bytes.slice(1, 3), mncLength };
}
