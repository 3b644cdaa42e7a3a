// §4.7: the confirmation code of an order. It is never stored in clear, but sealed with the order until ConfirmOrder
// passes it to the SM-DP+.
import type { MasterKey } from '../process/keys.ts';
import type { EsimProfileRow } from '../store/schema.ts';

export const CONFIRMATION_CODE_MIN = 4;
export const CONFIRMATION_CODE_MAX = 64;
/** The allowed characters; the length is checked separately. */
export const CONFIRMATION_CODE_PATTERN = '^[\\x21-\\x7e]*$';

/** @returns what is wrong with a given code, without repeating it */
export function problemOfConfirmationCode(text: string): string | undefined {
  const { length } = text;
  const fits = length >= CONFIRMATION_CODE_MIN && length <= CONFIRMATION_CODE_MAX;
  if (fits && new RegExp(CONFIRMATION_CODE_PATTERN).test(text)) return undefined;
  return (
    `expected ${CONFIRMATION_CODE_MIN} to ${CONFIRMATION_CODE_MAX} ASCII letters, digits and punctuation, ` +
    'without spaces'
  );
}

const orderPlace = (accountSid: string, orderSid: string) =>
  `esim_profiles.confirmation_code ${accountSid} ${orderSid}`;

/** For the row of an order. */
export function sealConfirmationCode(
  confirmationCode: string,
  accountSid: string,
  orderSid: string,
  masterKey: MasterKey,
): string {
  return masterKey.seal(confirmationCode, orderPlace(accountSid, orderSid));
}

/** The code of an order, if it has one. */
export function openConfirmationCode(
  { account_sid: accountSid, sid, confirmation_code: sealed }: EsimProfileRow,
  masterKey: MasterKey,
): string | undefined {
  return sealed === null ? undefined : masterKey.open(sealed, orderPlace(accountSid, sid));
}
