// The ICCID, ITU-T E.118: in reading order in ProfileHeader.iccid, nibble-swapped in EF.ICCID (TS 102 221 §13.2).
import { isIccidDigits } from '../rsp/iccid.ts';
import { swapNibbles } from './digits.ts';
import { SaipError, sizeError } from './saip-error.ts';

const SIZE = 10;

export function encodeHeaderIccid(iccid: string): Uint8Array {
  requireDigits('iccid', iccid);
  if (!iccid.startsWith('89')) {
    throw new SaipError('bad-value', 'iccid', 'digits that begin with 89', iccid.slice(0, 2));
  }
  return Uint8Array.fromHex(iccid.padEnd(2 * SIZE, 'F'));
}

export function encodeEfIccid(iccid: string): Uint8Array {
  return swapNibbles(encodeHeaderIccid(iccid));
}

export function decodeHeaderIccid(bytes: Uint8Array): string {
  return decode('header iccid', bytes);
}

export function decodeEfIccid(bytes: Uint8Array): string {
  return decode('ef-iccid', swapNibbles(bytes));
}

function decode(where: string, bytes: Uint8Array): string {
  if (bytes.length !== SIZE) throw sizeError(bytes.length, SIZE, SIZE, 'bytes', where);
  const iccid = bytes.toHex().toUpperCase().replace(/F+$/, '');
  requireDigits(where, iccid);
  return iccid;
}

/** E.118 specifies 19 digits; cards with 18 (no check digit), with 20 and with hexadecimal digits exist. */
function requireDigits(where: string, iccid: string): void {
  if (isIccidDigits(iccid)) return;
  if (iccid.length < 18 || iccid.length > 20)
    throw sizeError(iccid.length, 18, 20, 'digits', where);
  throw new SaipError('bad-value', where, 'digits, then F', 'another nibble');
}
