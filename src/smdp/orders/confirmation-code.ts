// §4.7: the SM-DP+ stores the SHA-256 of an order's confirmation code, sealed because a short code could be guessed
// from it.
import type { MasterKey } from '../../process/keys.ts';
import { hashConfirmationCode } from '../../rsp/hash-cc.ts';
import type { SubscriptionRow } from '../../store/schema.ts';

export const digestPlace = (accountSid: string, iccid: string) =>
  `subscriptions.confirmation_code ${accountSid} ${iccid}`;

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

/** SHA-256 of a profile's confirmation code, if it has one. */
export function openConfirmationCodeDigest(
  { account_sid: accountSid, iccid, confirmation_code: sealed }: SubscriptionRow,
  masterKey: MasterKey,
): Uint8Array | undefined {
  if (sealed === null) return undefined;
  return Buffer.from(masterKey.open(sealed, digestPlace(accountSid, iccid)), 'base64');
}
