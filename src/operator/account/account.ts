// Accounts, their auth tokens and API keys: who is asking, and what may it do.
import { hash, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import type { AccountRow, ApiKeyRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { isSid, randomSecret, randomSid, timeOrderedSid } from '../../values/sid.ts';

export type Scope = ApiKeyRow['scope'];

export const SCOPES = ['full', 'read'] as const satisfies Scope[];

/** Of an account or a key: characters. */
export const NAME_LIMIT = 64;

/** Who is asking. */
export interface Caller {
  accountSid: string;
  scope: Scope;
  /** Of a browser's session: a request that changes something must repeat it. */
  csrfToken?: string;
}

/** Where an auth token is sealed. */
const place = (accountSid: string) => `accounts.auth_token ${accountSid}`;

/** @returns the account, and its auth token in clear; undefined when the account exists */
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
    auth_token: masterKey.seal(authToken, place(sid)),
    // To the millisecond: lists are in this order.
    date_created: unit.now.toISOString(),
  };
  return (await unit.tables.accounts.insert(account)) ? { account, authToken } : undefined;
}

/** The auth token in clear: it signs the callbacks. */
export function authTokenOf(account: AccountRow, masterKey: MasterKey): string {
  return masterKey.open(account.auth_token, place(account.sid));
}

/** @returns the new auth token; undefined when there is no such account */
export async function rotateAuthToken(
  accountSid: string,
  masterKey: MasterKey,
  { tables }: Unit,
): Promise<string | undefined> {
  const authToken = randomSecret();
  const sealed = masterKey.seal(authToken, place(accountSid));
  return (await tables.accounts.setAuthToken(accountSid, sealed)) ? authToken : undefined;
}

/** @returns the key, and its secret in clear, which is kept nowhere */
export async function createApiKey(
  accountSid: string,
  friendlyName: string,
  scope: Scope,
  unit: Unit,
): Promise<{ key: ApiKeyRow; secret: string }> {
  const secret = randomSecret();
  const key: ApiKeyRow = {
    account_sid: accountSid,
    // Lists are in this order.
    sid: timeOrderedSid('apiKey', unit.now),
    friendly_name: friendlyName,
    secret_hash: digest(secret),
    scope,
    // To the millisecond, for older keys, whose SIDs tell no order.
    date_created: unit.now.toISOString(),
    date_revoked: null,
  };
  await unit.tables.accounts.insertKey(key);
  return { key, secret };
}

/** Ends a key for ever. @returns false when it was ended already, undefined when the account has no such key */
export async function revokeApiKey(
  accountSid: string,
  sid: string,
  { tables: { accounts }, now }: Unit,
): Promise<boolean | undefined> {
  if (await accounts.revokeKey(accountSid, sid, apiDate(now))) return true;
  return (await accounts.findKey(sid))?.account_sid === accountSid ? false : undefined;
}

/** @returns why it failed, as the API words it, or the caller */
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
    return { accountSid: key.account_sid, scope: key.scope };
  }
  const account = isSid('account', username) ? await store.accounts.find(username) : undefined;
  if (account === undefined) return 'invalid username';
  if (!equal(digest(password), digest(authTokenOf(account, masterKey)))) return 'invalid password';
  return { accountSid: account.sid, scope: 'full' };
}

function digest(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** In constant time: both are digests, so of one length. */
function equal(left: string, right: string): boolean {
  return timingSafeEqual(Buffer.from(left), Buffer.from(right));
}
