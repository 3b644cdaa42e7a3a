// The settings of an account that its owner may change.
import { difference } from '../../audit/entry.ts';
import type { Fields } from '../../audit/entry.ts';
import type { MasterKey } from '../../process/keys.ts';
import type { AccountRow, HttpMethod, ReleaseAgain } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { sealCallbackUrl, shownCallbackUrl } from '../callback-url.ts';

/** Absent values stay as they are. */
export interface AccountChange {
  releaseAgain?: ReleaseAgain | undefined;
  /** As given, which was validated, including user name and password; empty: none. */
  callbackUrl?: string | undefined;
  callbackMethod?: HttpMethod | undefined;
  /** Whether it is called about eUICCs of the eIM as well. */
  euiccCallbacks?: boolean | undefined;
}

/** @returns the account as it is then; undefined if there is no such account */
export async function changeAccount(
  accountSid: string,
  { releaseAgain, callbackUrl: url, callbackMethod, euiccCallbacks }: AccountChange,
  masterKey: MasterKey,
  { tables: { accounts }, audit }: Unit,
): Promise<AccountRow | undefined> {
  const changed: Parameters<typeof accounts.update>[1] = {};
  if (releaseAgain !== undefined) changed.release_again = releaseAgain;
  if (url !== undefined) {
    changed.callback_url = url === '' ? null : sealCallbackUrl(url, accountSid, masterKey);
  }
  if (callbackMethod !== undefined) changed.callback_method = callbackMethod;
  if (euiccCallbacks !== undefined) changed.euicc_callbacks = euiccCallbacks ? 1 : 0;
  const before = await accounts.find(accountSid);
  if (before === undefined || Object.keys(changed).length === 0) return before;
  await accounts.update(accountSid, changed);
  const account = { ...before, ...changed };
  const change = difference(auditedAccount(before), auditedAccount(account));
  await audit(accountSid, { subject: accountSid, ...change });
  return account;
}

const auditedAccount = (account: AccountRow): Fields => ({
  release_again: account.release_again,
  callback_url: account.callback_url === null ? null : shownCallbackUrl(account.callback_url),
  callback_method: account.callback_method,
  euicc_callbacks: account.euicc_callbacks === 1,
});
