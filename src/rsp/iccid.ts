// The ICCID (ITU-T E.118, TS 102 221 §13.2) as people, modems, cards and ES2+ write it. The one home of its form.

/**
 * Without filler, in upper case: 18 to 20 digits. On real cards some are hexadecimal; F is filler alone.
 */
const DIGITS = /^[0-9A-E]{18,20}$/;

export function isIccidDigits(text: string): boolean {
  return DIGITS.test(text);
}

/**
 * Blanks between the digits, filler F to 20 digits and either letter case do not matter. The form whose half
 * bytes are swapped, as EF.ICCID holds it, is another thing.
 * @returns the ICCID as it is stored and compared; undefined when the text is none
 */
export function parseIccid(text: string): string | undefined {
  const digits = text
    .replaceAll(/\s/g, '')
    .toUpperCase()
    .replace(/F{1,2}$/, '');
  return digits.startsWith('89') && isIccidDigits(digits) ? digits : undefined;
}
