// §4.7: the confirmation code of an order. It is never stored in clear: sealed with the order until the
// SM-DP+ has it, which keeps its SHA-256, sealed too, since a short code can be guessed from that.
import type { MasterKey } from '../process/keys.ts';
import { hashConfirmationCode } from '../rsp/hash-cc.ts';
import type { EsimProfileRow, SubscriptionRow } from '../store/schema.ts';

export const CONFIRMATION_CODE_MIN = 4;
export const CONFIRMATION_CODE_MAX = 64;

const orderPlace = (accountSid: string, orderSid: string) =>
  `esim_profiles.confirmation_code ${accountSid} ${orderSid}`;
const digestPlace = (accountSid: string, iccid: string) =>
  `subscriptions.confirmation_code ${accountSid} ${iccid}`;

/** For the row of an order. */
export function sealConfirmationCode(
  confirmationCode: string,
  accountSid: string,
  orderSid: string,
  masterKey: MasterKey,
): string {
  return masterKey.seal(confirmationCode, orderPlace(accountSid, orderSid));
}

/** The code of an order that has one. */
export function openConfirmationCode(
  { account_sid: accountSid, sid, confirmation_code: sealed }: EsimProfileRow,
  masterKey: MasterKey,
): string | undefined {
  return sealed === null ? undefined : masterKey.open(sealed, orderPlace(accountSid, sid));
}

/** For the row of a profile at the SM-DP+. */
export function sealConfirmationCodeDigest(
  confirmationCode: string,
  accountSid: string,
  iccid: string,
  masterKey: MasterKey,
): string {
  const digest = Buffer.from(hashConfirmationCode(confirmationCode)).toString('base64');
  return masterKey.seal(digest, digestPlace(accountSid, iccid));
}

/** SHA-256 of the confirmation code of a profile that has one. */
export function openConfirmationCodeDigest(
  { account_sid: accountSid, iccid, confirmation_code: sealed }: SubscriptionRow,
  masterKey: MasterKey,
): Uint8Array | undefined {
  if (sealed === null) return undefined;
  return Buffer.from(masterKey.open(sealed, digestPlace(accountSid, iccid)), 'base64');
}
