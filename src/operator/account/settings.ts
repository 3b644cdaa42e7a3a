// The settings of an account that its owner may change.
import type { MasterKey } from '../../process/keys.ts';
import type { AccountRow, HttpMethod, ReleaseAgain } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { sealCallbackUrl } from '../callback-url.ts';

/** Absent values stay as they are. */
export interface AccountChange {
  releaseAgain?: ReleaseAgain | undefined;
  /** As given, which was validated, including user name and password; empty: none. */
  callbackUrl?: string | undefined;
  callbackMethod?: HttpMethod | undefined;
}

/** @returns the account as it is then; undefined if there is no such account */
export async function changeAccount(
  accountSid: string,
  { releaseAgain, callbackUrl: url, callbackMethod }: AccountChange,
  masterKey: MasterKey,
  { tables: { accounts } }: Unit,
): Promise<AccountRow | undefined> {
  const changed: Parameters<typeof accounts.update>[1] = {};
  if (releaseAgain !== undefined) changed.release_again = releaseAgain;
  if (url !== undefined) {
    changed.callback_url = url === '' ? null : sealCallbackUrl(url, accountSid, masterKey);
  }
  if (callbackMethod !== undefined) changed.callback_method = callbackMethod;
  if (Object.keys(changed).length > 0) await accounts.update(accountSid, changed);
  return accounts.find(accountSid);
}
