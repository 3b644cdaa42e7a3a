// The ICCID (ITU-T E.118, TS 102 221 §13.2) as written by people, modems, cards and ES2+. Its format is defined only
// here.

/** Without filler, in upper case: 18 to 20 digits. On real cards some are hexadecimal; F is only filler. */
const DIGITS = /^[0-9A-E]{18,20}$/;

export function isIccidDigits(text: string): boolean {
  return DIGITS.test(text);
}

/**
 * Ignores spaces between the digits, filler F up to 20 digits, and letter case. Not for the nibble-swapped form of
 * EF.ICCID.
 * @returns the ICCID as stored and compared; undefined if the text is not one
 */
export function parseIccid(text: string): string | undefined {
  const digits = text
    .replaceAll(/\s/g, '')
    .toUpperCase()
    .replace(/F{1,2}$/, '');
  return digits.startsWith('89') && isIccidDigits(digits) ? digits : undefined;
}
