// The ICCID, ITU-T E.118: ProfileHeader.iccid holds it in reading order, EF.ICCID (TS 102 221
// §13.2) swapped.
import {
  decodeDigits,
  decodeSwappedDigits,
  encodeDigits,
  encodeSwappedDigits,
  requireDigits,
} from './digits.ts';
import { SaipError } from './saip-error.ts';

const SIZE = 10;

export function encodeHeaderIccid(iccid: string): Uint8Array {
  requireIccid(iccid);
  return encodeDigits(iccid, SIZE);
}

export function decodeHeaderIccid(bytes: Uint8Array): string {
  return checked('header iccid', bytes, decodeDigits);
}

export function encodeEfIccid(iccid: string): Uint8Array {
  requireIccid(iccid);
  return encodeSwappedDigits(iccid, SIZE);
}

export function decodeEfIccid(bytes: Uint8Array): string {
  return checked('ef-iccid', bytes, decodeSwappedDigits);
}

/** E.118 allows 19 digits; cards with 18 (no check digit) and 20 exist. */
function requireIccid(iccid: string): void {
  requireDigits('iccid', iccid, 18, 20);
  if (!iccid.startsWith('89')) {
    throw new SaipError('bad-value', 'iccid', 'digits that begin with 89', iccid.slice(0, 2));
  }
}

function checked(
  where: string,
  bytes: Uint8Array,
  decode: (where: string, bytes: Uint8Array) => string,
): string {
  if (bytes.length !== SIZE) {
    throw new SaipError('bad-size', where, `${SIZE} bytes`, `${bytes.length}`);
  }
  const iccid = decode(where, bytes);
  requireDigits(where, iccid, 18, 20);
  return iccid;
}
