// §4.7: the confirmation code of an order. It is never stored in clear, but sealed with the order until its profile is
// installed: ConfirmOrder passes it to the SM-DP+, and again when the order is changed or replaced.
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

export const orderPlace = (accountSid: string, orderSid: string) =>
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

/** Of an order that has a code, which an older version did not keep. */
export const CODE_NOT_KEPT = '';

/** The code of an order, if it has one that is kept. */
export function openConfirmationCode(
  { account_sid: accountSid, sid, confirmation_code: sealed }: EsimProfileRow,
  masterKey: MasterKey,
): string | undefined {
  return sealed === null || sealed === CODE_NOT_KEPT
    ? undefined
    : masterKey.open(sealed, orderPlace(accountSid, sid));
}
