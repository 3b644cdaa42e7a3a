// ICCIDs (ITU-T E.118): 18 to 20 digits that begin with 89 and end with a check digit.
import { luhnDigit } from '../rsp/identifiers.ts';

/** @returns what is wrong with it, or undefined */
export function checkIccid(iccid: string): string | undefined {
  if (!/^89\d{16,18}$/.test(iccid)) {
    return `expected 18 to 20 digits beginning with 89; got '${iccid}'`;
  }
  const expected = luhnDigit(iccid.slice(0, -1));
  if (iccid.endsWith(expected)) return undefined;
  return `expected the check digit ${expected} at the end; got '${iccid}'`;
}
