/** SGP.22: an EID is 32 digits. The API's own examples contain letters, so hexadecimal ones are accepted. */
export const EID_PATTERN = '^[0-9a-fA-F]{32}$';

/**
 * Checks the check digits of an EID (SGP.29), if it is decimal; see `EID_PATTERN`.
 * @param eid 32 hexadecimal digits
 * @returns what is wrong with it, or undefined
 */
export function checkEid(eid: string): string | undefined {
  if (!/^\d{32}$/.test(eid) || BigInt(eid) % 97n === 1n) return undefined;
  const expected = 98n - (BigInt(`${eid.slice(0, 30)}00`) % 97n);
  return `expected check digits ${String(expected).padStart(2, '0')} at the end; got '${eid}'`;
}
