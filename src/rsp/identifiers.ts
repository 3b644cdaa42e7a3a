// The identifiers of RSP (§4.1.1, §4.3, SGP.29 for the EID; ITU-T E.118 for the ICCID): as text, and as encoded in
// messages.
import { isIccidDigits } from './iccid.ts';

const MATCHING_ID = /^[-0-9A-Z]{0,255}$/;
const TEST_MATCHING_ID = /^[-_0-9A-Z]{0,255}$/;
const TRANSACTION_ID_HEX = /^(?:[0-9A-F]{2}){1,16}$/i;

/** Whether a text is an EID: 32 digits, with two check digits that make the number 1 modulo 97 (SGP.29). */
export function isEid(text: string): boolean {
  return /^[0-9]{32}$/.test(text) && BigInt(text) % 97n === 1n;
}

/** Appends the check digits to the first 30 digits of an EID. */
export function completeEid(first30: string): string {
  if (!/^[0-9]{30}$/.test(first30)) throw new RangeError('expected the first 30 digits of an EID');
  const check = 98n - (BigInt(`${first30}00`) % 97n);
  return first30 + check.toString().padStart(2, '0');
}

/** The 16 bytes of an EID, its digits in pairs and in order. */
export function encodeEid(eid: string): Uint8Array {
  if (!/^[0-9A-F]{32}$/i.test(eid)) throw new RangeError('an EID has 32 digits');
  return new Uint8Array(Buffer.from(eid, 'hex'));
}

export function decodeEid(eidBytes: Uint8Array): string {
  return Buffer.from(eidBytes).toString('hex').toUpperCase();
}

/** The Luhn check digit of a number (ISO/IEC 7812-1). */
export function luhnDigit(digits: string): string {
  let sum = 0;
  for (let index = digits.length - 1, double = true; index >= 0; index -= 1, double = !double) {
    const digit = Number(digits[index]) * (double ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return String((10 - (sum % 10)) % 10);
}

/** EF.ICCID (TS 102 221 §13.2): 10 bytes, the digits of each pair swapped, filled with F. */
export function encodeIccid(iccid: string): Uint8Array {
  if (!isIccidDigits(iccid)) throw new RangeError('an ICCID has 18 to 20 digits');
  return swapNibbles(Buffer.from(iccid.padEnd(20, 'f'), 'hex'));
}

/** The digits of an EF.ICCID, in upper case and without filler; undefined if it contains something else. */
export function decodeIccid(iccidBytes: Uint8Array): string | undefined {
  const digits = Buffer.from(swapNibbles(iccidBytes))
    .toString('hex')
    .replace(/f+$/, '')
    .toUpperCase();
  return iccidBytes.length === 10 && isIccidDigits(digits) ? digits : undefined;
}

/** The digits of a TAC or an IMEI of DeviceInfo (§4.2), without filler: swapped as in TS 24.008. */
export function decodeImei(imeiBytes: Uint8Array): string {
  return Buffer.from(swapNibbles(imeiBytes)).toString('hex').toUpperCase().replace(/F+$/, '');
}

/** The TAC or IMEI of DeviceInfo from its digits. */
export function encodeImei(digits: string): Uint8Array {
  if (!/^[0-9]{8,16}$/.test(digits)) throw new RangeError('an IMEI has 14 to 16 digits, a TAC 8');
  return swapNibbles(Buffer.from(digits.padEnd(digits.length + (digits.length % 2), 'f'), 'hex'));
}

/** MCC and MNC of the profile's owner in 3 bytes (TS 24.008 §10.5.1.3). */
export function encodeMccMnc(mcc: string, mnc: string): Uint8Array {
  if (!/^[0-9]{3}$/.test(mcc) || !/^[0-9]{2,3}$/.test(mnc)) {
    throw new RangeError('expected an MCC of 3 digits and an MNC of 2 or 3');
  }
  const third = mnc[2] ?? 'f';
  return swapNibbles(Buffer.from(mcc + third + mnc.slice(0, 2), 'hex'));
}

export function decodeMccMnc(mccMnc: Uint8Array): { mcc: string; mnc: string } {
  const digits = Buffer.from(swapNibbles(mccMnc)).toString('hex');
  return { mcc: digits.slice(0, 3), mnc: (digits.slice(4) + digits[3]).replace('f', '') };
}

/**
 * Whether a text can be a MatchingID (§4.1.1): upper-case letters, digits and dashes; it may be empty.
 * @param ofTests whether underscores count as well, which test suites use against the standard
 */
export function isMatchingId(text: string, ofTests = false): boolean {
  return (ofTests ? TEST_MATCHING_ID : MATCHING_ID).test(text);
}

/** The bytes of a TransactionID in the JSON binding (§6.5.2), in either letter case. */
export function parseTransactionId(text: string): Uint8Array | undefined {
  return TRANSACTION_ID_HEX.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined;
}

export function formatTransactionId(transactionId: Uint8Array): string {
  return Buffer.from(transactionId).toString('hex').toUpperCase();
}

function swapNibbles(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes, (byte) => ((byte & 0x0f) << 4) | (byte >> 4));
}
