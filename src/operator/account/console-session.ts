// Sessions of the console in browsers: how one begins, who is asking in it, and what ends it.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import type { FoundConsoleSession } from '../../store/console-sessions.ts';
import type { AccountRow, ConsoleSessionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Context } from '../../context.ts';
import type { Unit } from '../../unit.ts';
import { authenticate } from './account.ts';
import type { Caller } from './account.ts';
import { isSid } from '../../values/sid.ts';

export const SESSION_LIFETIME_SECONDS = 12 * 60 * 60;
export const TICKET_LIFETIME_SECONDS = 60 * 60;

export interface ConsoleSession {
  caller: Caller;
  /** What the account is called. */
  friendlyName: string;
  /** A request that changes something repeats it; a page of another site cannot know it. */
  csrfToken: string;
  dateExpires: Date;
}

type SignInContext = Pick<Context, 'masterKey' | 'store' | 'transact'>;

/** A session that has just begun. */
export interface BegunSession extends ConsoleSession {
  /** Secret; the database holds its hash alone. */
  id: string;
}

/** Why somebody may not sign in, or has not. */
export class SignInRefused extends Error {
  override name = 'SignInRefused';
  readonly kind: 'badCredentials' | 'accessDenied' | 'invalidParameter' | 'tooManyRequests';

  constructor(kind: SignInRefused['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Begins a session by account SID and auth token, or by API key SID and secret. It ends with them.
 * Throws `SignInRefused`.
 */
export async function signIn(
  username: string,
  password: string,
  { masterKey, store, transact }: SignInContext,
): Promise<BegunSession> {
  // Read before the token is checked: one that is rotated in between ends the session at once.
  const account = isSid('account', username) ? await store.accounts.find(username) : undefined;
  const caller = await authenticate(username, password, masterKey, store);
  if (typeof caller === 'string') throw badCredentials(caller);
  const by =
    account === undefined
      ? { key_sid: username, token_digest: null }
      : { key_sid: null, token_digest: tokenDigest(account) };
  const begun = await transact((unit) => begin(caller, by, masterKey, unit));
  if (begun === undefined) throw badCredentials('the credentials have just been changed');
  return begun;
}

/** Makes a ticket that begins one session of an account, within an hour. It ends with the auth token. */
export async function createConsoleTicket(
  account: AccountRow,
  { tables, now }: Unit,
): Promise<{ ticket: string; dateExpires: Date }> {
  const ticket = randomSecret();
  const dateExpires = after(now, TICKET_LIFETIME_SECONDS);
  await tables.consoleSessions.insertTicket({
    ticket_hash: digest(ticket),
    account_sid: account.sid,
    token_digest: tokenDigest(account),
    date_created: now.toISOString(),
    date_expires: dateExpires.toISOString(),
  });
  return { ticket, dateExpires };
}

/** Where a ticket takes a browser. The part after `#` is sent to no server and written into no log. */
export function consoleLink(publicUrl: string, ticket: string): string {
  return `${publicUrl}/console/#ticket=${ticket}`;
}

/** Throws `SignInRefused` when the ticket is unknown, used, expired, or older than the auth token. */
export async function redeemConsoleTicket(
  ticket: string,
  { masterKey, transact }: Omit<SignInContext, 'store'>,
): Promise<BegunSession> {
  const begun = await transact(async (unit) => {
    const { tables, now } = unit;
    const row = await tables.consoleSessions.takeTicket(digest(ticket), now.toISOString());
    if (row === undefined) return undefined;
    const caller: Caller = { accountSid: row.account_sid, scope: 'full' };
    const by = { key_sid: null, token_digest: row.token_digest };
    return begin(caller, by, masterKey, unit);
  });
  if (begun === undefined) throw badCredentials('the ticket was used already, or has expired');
  return begun;
}

/** The session that a browser names, unless it has ended. */
export async function findConsoleSession(
  id: string,
  masterKey: MasterKey,
  now: Date,
  { consoleSessions }: Pick<Transaction, 'consoleSessions'>,
): Promise<ConsoleSession | undefined> {
  const row = await consoleSessions.find(digest(id), now.toISOString());
  // A token that was rotated is sealed anew.
  if (row === undefined || (row.key_sid === null && row.token_digest !== tokenDigest(row))) {
    return undefined;
  }
  return toSession(id, row, masterKey);
}

export async function endConsoleSession(
  id: string,
  { transact }: Pick<Context, 'transact'>,
): Promise<void> {
  await transact(({ tables }) => tables.consoleSessions.end(digest(id)));
}

/** In constant time. @param given the header X-CSRF-Token as it came */
export function hasCsrfToken(csrfToken: string, given: string | string[] | undefined): boolean {
  if (typeof given !== 'string') return false;
  return timingSafeEqual(hash('sha256', csrfToken, 'buffer'), hash('sha256', given, 'buffer'));
}

/** @returns undefined when what began the session has ended meanwhile */
async function begin(
  { accountSid, scope }: Caller,
  by: Pick<ConsoleSessionRow, 'key_sid' | 'token_digest'>,
  masterKey: MasterKey,
  { tables, now }: Unit,
): Promise<BegunSession | undefined> {
  const id = randomSecret();
  await tables.consoleSessions.insert({
    id_hash: digest(id),
    account_sid: accountSid,
    scope,
    ...by,
    date_created: now.toISOString(),
    date_expires: after(now, SESSION_LIFETIME_SECONDS).toISOString(),
  });
  const session = await findConsoleSession(id, masterKey, now, tables);
  return session && { ...session, id };
}

function toSession(id: string, row: FoundConsoleSession, masterKey: MasterKey): ConsoleSession {
  const csrfToken = masterKey.fingerprint(`console csrf ${id}`);
  return {
    caller: { accountSid: row.account_sid, scope: row.scope, csrfToken },
    friendlyName: row.friendly_name,
    csrfToken,
    dateExpires: new Date(row.date_expires),
  };
}

function badCredentials(why: string): SignInRefused {
  return new SignInRefused('badCredentials', `Authentication Error - ${why}`);
}

/** Names the auth token that an account has, by its seal, which no two tokens share. */
function tokenDigest({ auth_token: sealed }: Pick<AccountRow, 'auth_token'>): string {
  return digest(sealed);
}

/** 256 bits, in 43 letters, digits, `-` and `_`. */
function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

function digest(secret: string): string {
  return hash('sha256', secret, 'hex');
}

function after(date: Date, seconds: number): Date {
  return new Date(date.getTime() + seconds * 1000);
}
