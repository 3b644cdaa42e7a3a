// Which ICCIDs may be imported into stock (ITU-T E.118).
import { parseIccid } from '../rsp/iccid.ts';
import { luhnDigit } from '../rsp/identifiers.ts';

/**
 * @param iccid without filler, as returned by `parseIccid`
 * @param checkDigit whether it must be decimal and end with its check digit (ISO/IEC 7812-1)
 * @returns what is wrong with it, or undefined
 */
export function checkIccid(iccid: string, checkDigit: boolean): string | undefined {
  if (/^89\d{16,18}$/.test(iccid)) {
    const expected = luhnDigit(iccid.slice(0, -1));
    if (!checkDigit || iccid.endsWith(expected)) return undefined;
    return `expected the check digit ${expected} at the end; got '${iccid}'`;
  }
  if (parseIccid(iccid) !== iccid) {
    return `expected 18 to 20 digits beginning with 89; got '${iccid}'`;
  }
  if (!checkDigit) return undefined;
  return `expected decimal digits, because SIMWRIGHT_ICCID_CHECK_DIGIT is on; got '${iccid}'`;
}
