// The activation code (§4.1): what a person scans or types, `1$SMDP.EXAMPLE.COM$MATCHING-ID[$OID[$1]]`.
import { isOid } from './der-values.ts';
import { isMatchingId } from './identifiers.ts';

const MAX_LENGTH = 255; // §4.1, without the prefix
const ADDRESS = /^[-.0-9A-Za-z]+(?::[0-9]{1,5})?$/; // an FQDN; the port is for test servers

export interface ActivationCode {
  /** Its letter case is kept: LPAs send the address back as they read it. */
  readonly smdpAddress: string;
  /** The AC_Token; empty for the default SM-DP+. */
  readonly matchingId: string;
  readonly smdpOid?: string;
  readonly confirmationCodeRequired: boolean;
}

/** The parts of an activation code with or without `LPA:`; undefined when it is not one. */
export function parseActivationCode(text: string): ActivationCode | undefined {
  const code = text.trim().replace(/^LPA:/i, '');
  // Parts after the fifth belong to later versions of the standard.
  const [format, smdpAddress = '', matchingId, smdpOid = '', flag = ''] = code.split('$');
  if (code.length > MAX_LENGTH || format !== '1' || matchingId === undefined) return undefined;
  if (!ADDRESS.test(smdpAddress) || !isMatchingId(matchingId)) return undefined;
  if ((smdpOid !== '' && !isOid(smdpOid)) || (flag !== '' && flag !== '1')) return undefined;
  return {
    smdpAddress,
    matchingId,
    ...(smdpOid === '' ? {} : { smdpOid }),
    confirmationCodeRequired: flag === '1',
  };
}

/** The activation code without `LPA:`, and without a `$` at its end, which LPAs refuse. */
export function formatActivationCode(code: ActivationCode): string {
  const { smdpAddress, matchingId, smdpOid = '', confirmationCodeRequired } = code;
  const parts = ['1', smdpAddress, matchingId];
  if (smdpOid !== '' || confirmationCodeRequired) parts.push(smdpOid);
  if (confirmationCodeRequired) parts.push('1');
  const text = parts.join('$');
  if (parseActivationCode(text) === undefined) {
    throw new RangeError(`${JSON.stringify(text)} is not an activation code`);
  }
  return text;
}
