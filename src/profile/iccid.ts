// ICCIDs (ITU-T E.118): 18 to 20 digits that begin with 89 and end with a check digit.

/** @returns what is wrong with it, or undefined */
export function checkIccid(iccid: string): string | undefined {
  if (!/^89\d{16,18}$/.test(iccid)) {
    return `expected 18 to 20 digits beginning with 89; got '${iccid}'`;
  }
  const expected = luhnDigit(iccid.slice(0, -1));
  if (iccid.endsWith(String(expected))) return undefined;
  return `expected the check digit ${expected} at the end; got '${iccid}'`;
}

/** ISO/IEC 7812-1: from the right, every second digit counts double. */
export function luhnDigit(digits: string): number {
  let sum = 0;
  for (let index = digits.length - 1, double = true; index >= 0; index--, double = !double) {
    const value = Number(digits[index]) * (double ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return (10 - (sum % 10)) % 10;
}
