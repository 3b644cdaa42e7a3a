// The activation code (§4.1) that people scan or type: `1$SMDP.EXAMPLE.COM$MATCHING-ID[$OID[$1]]`.
import { isOid } from './der-values.ts';

const MAX_LENGTH = 255; // §4.1, without the prefix
const ADDRESS = /^[-.0-9A-Za-z]+(?::[0-9]{1,5})?$/; // an FQDN, with a port for test servers
/** §4.1.1 has upper case, and no underscores; other SM-DP+s issue both, and each decides about its own. */
const AC_TOKEN = /^[-_0-9A-Za-z]{0,255}$/;

export interface ActivationCode {
  /** Case is preserved: LPAs send the address back as they read it. */
  readonly smdpAddress: string;
  /** The AC_Token; empty for the default SM-DP+. */
  readonly matchingId: string;
  readonly smdpOid?: string;
  readonly confirmationCodeRequired: boolean;
}

/** Parses an activation code of any SM-DP+, with or without `LPA:`; undefined if it is not one. */
export function parseActivationCode(text: string): ActivationCode | undefined {
  const code = text.trim().replace(/^LPA:/i, '');
  // Later versions of the standard append further parts.
  const [format, smdpAddress = '', matchingId, smdpOid = '', flag = ''] = code.split('$');
  if (code.length > MAX_LENGTH || format !== '1' || matchingId === undefined) return undefined;
  if (!ADDRESS.test(smdpAddress) || !AC_TOKEN.test(matchingId)) return undefined;
  if ((smdpOid !== '' && !isOid(smdpOid)) || (flag !== '' && flag !== '1')) return undefined;
  return {
    smdpAddress,
    matchingId,
    ...(smdpOid === '' ? {} : { smdpOid }),
    confirmationCodeRequired: flag === '1',
  };
}

/** Whether a text is the address of an SM-DP+ or SM-DS: a host name, with its port if it is not 443. */
export function isServerAddress(text: string): boolean {
  return text.length <= MAX_LENGTH && ADDRESS.test(text);
}

/** Formats an activation code without `LPA:`, and without a trailing `$`, which LPAs refuse. */
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
