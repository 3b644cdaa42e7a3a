// Accounts, their auth tokens and API keys: who the caller is, and what it may do.
import { hash, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import type { Actor } from '../../process/request-scope.ts';
import type { AccountRow, ApiKeyRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { isSid, randomSecret, randomSid } from '../../values/sid.ts';
import { scopeOf, storedScope } from './scope.ts';
import type { Scope } from './scope.ts';

/** Maximum length of the name of an account or key. */
export const NAME_LIMIT = 64;

/** The authenticated caller of a request. */
export interface Caller {
  accountSid: string;
  scope: Scope;
  /** For the audit log. */
  by: Actor;
  /** For a browser's session: requests that change something must repeat it. */
  csrfToken?: string;
}

/** The place for sealing an auth token. */
export const authTokenPlace = (accountSid: string) => `accounts.auth_token ${accountSid}`;

/** @returns the account, and its auth token in clear; undefined if the account exists */
export async function createAccount(
  fields: { friendlyName: string; sid?: string; authToken?: string },
  masterKey: MasterKey,
  unit: Unit,
): Promise<{ account: AccountRow; authToken: string } | undefined> {
  const sid = fields.sid ?? randomSid('account');
  const authToken = fields.authToken ?? randomSecret();
  const account: AccountRow = {
    sid,
    friendly_name: fields.friendlyName,
    auth_token: masterKey.seal(authToken, authTokenPlace(sid)),
    release_again: 'off',
    callback_url: null,
    callback_method: 'POST',
    euicc_callbacks: 0,
    callback_secret_number: 1,
    callback_secret_until: null,
    callback_secret_key: masterKey.derivingId,
    callback_secret_key_before: null,
    rehearsal_until: null,
    // To the millisecond: the sort order of lists.
    date_created: unit.now.toISOString(),
  };
  if (!(await unit.tables.accounts.insert(account))) return undefined;
  const after = { friendly_name: account.friendly_name };
  await unit.audit(sid, { subject: sid, after });
  return { account, authToken };
}

/** The auth token in clear, which signs callbacks. */
export function authTokenOf(
  account: Pick<AccountRow, 'sid' | 'auth_token'>,
  masterKey: MasterKey,
): string {
  return masterKey.open(account.auth_token, authTokenPlace(account.sid));
}

/** @returns the new auth token; undefined if there is no such account */
export async function rotateAuthToken(
  accountSid: string,
  masterKey: MasterKey,
  { tables, audit }: Unit,
): Promise<string | undefined> {
  const authToken = randomSecret();
  const sealed = masterKey.seal(authToken, authTokenPlace(accountSid));
  if (!(await tables.accounts.update(accountSid, { auth_token: sealed }))) return undefined;
  await audit(accountSid, { subject: accountSid, after: { auth_token: 'another' } });
  return authToken;
}

/** @returns the key, and its secret in clear, which is not stored */
export async function createApiKey(
  accountSid: string,
  friendlyName: string,
  scope: Scope,
  unit: Unit,
): Promise<{ key: ApiKeyRow; secret: string }> {
  const secret = randomSecret();
  const key: ApiKeyRow = {
    account_sid: accountSid,
    // Sorts lists.
    sid: unit.sids.next('apiKey', unit.now),
    friendly_name: friendlyName,
    secret_hash: digest(secret),
    ...storedScope(scope),
    // To the millisecond, like older keys, whose SIDs do not sort by time.
    date_created: unit.now.toISOString(),
    date_revoked: null,
  };
  await unit.tables.accounts.insertKey(key);
  const after = { friendly_name: friendlyName, scope };
  await unit.audit(accountSid, { subject: key.sid, after });
  return { key, secret };
}

/** Revokes a key permanently. @returns false if it was already revoked, undefined if the account has no such key */
export async function revokeApiKey(
  accountSid: string,
  sid: string,
  { tables: { accounts }, now, audit }: Unit,
): Promise<boolean | undefined> {
  const isRevoked = await accounts.revokeKey(accountSid, sid, apiDate(now));
  const key = await accounts.findKey(sid);
  if (key?.account_sid !== accountSid) return undefined;
  if (!isRevoked) return false;
  const before = { friendly_name: key.friendly_name, scope: scopeOf(key) };
  await audit(accountSid, { subject: sid, before });
  return true;
}

/** @returns the caller, or the reason of the failure in the API's words */
export async function authenticate(
  username: string,
  password: string,
  masterKey: MasterKey,
  store: Store,
): Promise<Caller | 'invalid username' | 'invalid password'> {
  if (isSid('apiKey', username)) {
    const key = await store.accounts.findKey(username);
    if (key === undefined || key.date_revoked !== null) return 'invalid username';
    if (!equal(digest(password), key.secret_hash)) return 'invalid password';
    const scope = scopeOf(key);
    return { accountSid: key.account_sid, scope, by: { type: 'key', sid: key.sid, scope } };
  }
  const account = isSid('account', username) ? await store.accounts.find(username) : undefined;
  if (account === undefined) return 'invalid username';
  if (!equal(digest(password), digest(authTokenOf(account, masterKey)))) return 'invalid password';
  const by = { type: 'account', sid: account.sid } as const;
  return { accountSid: account.sid, scope: 'full', by };
}

function digest(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** In constant time: both are digests of the same length. */
function equal(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
