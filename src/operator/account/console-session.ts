// Browser sessions of the console: starting, authenticating and ending them.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import { currentAct } from '../../process/request-scope.ts';
import type { FoundConsoleSession } from '../../store/console-sessions.ts';
import type { AccountRow, ConsoleSessionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Context } from '../../context.ts';
import type { Unit } from '../../unit.ts';
import { authenticate } from './account.ts';
import type { Caller } from './account.ts';
import { scopeOf, storedScope } from './scope.ts';
import { isSid } from '../../values/sid.ts';

export const SESSION_LIFETIME_SECONDS = 12 * 60 * 60;
export const TICKET_LIFETIME_SECONDS = 60 * 60;
/** Of the hash of its id: enough to tell it from others. */
const SESSION_NAME_LENGTH = 16;
/** What the audit log calls it. */
const SIGN_IN = 'console sign in';

export interface ConsoleSession {
  caller: Caller;
  /** The name of the account. */
  friendlyName: string;
  /** Must be repeated by requests that change something; unknown to pages of other sites. */
  csrfToken: string;
  dateExpires: Date;
}

type SignInContext = Pick<Context, 'masterKey' | 'store' | 'transact'>;

/** A new session. */
export interface BegunSession extends ConsoleSession {
  /** Secret; the database contains only its hash. */
  id: string;
}

/** A sign-in, or a request without a session, is refused. */
export class SignInRefused extends Error {
  override name = 'SignInRefused';
  readonly kind: 'badCredentials' | 'accessDenied' | 'invalidParameter' | 'tooManyRequests';

  constructor(kind: SignInRefused['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/**
 * Starts a session with account SID and auth token, or API key SID and secret. It ends when they are revoked. Throws
 * `SignInRefused`.
 */
export async function signIn(
  username: string,
  password: string,
  { masterKey, store, transact }: SignInContext,
): Promise<BegunSession> {
  // Read before the token is checked, so rotating it in between ends the session at once.
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

/** Creates a ticket that starts one session of an account within an hour. It ends when the auth token is rotated. */
export async function createConsoleTicket(
  account: AccountRow,
  { tables, now, audit }: Unit,
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
  await audit(account.sid, {
    subject: account.sid,
    after: { console_ticket: 'new', date_expires: dateExpires.toISOString() },
  });
  return { ticket, dateExpires };
}

/** The link for a ticket. The part after `#` is never sent to a server or logged. */
export function consoleLink(publicUrl: string, ticket: string): string {
  return `${publicUrl}/console/#ticket=${ticket}`;
}

/** Throws `SignInRefused` if the ticket is unknown, used, expired, or older than the auth token. */
export async function redeemConsoleTicket(
  ticket: string,
  { masterKey, transact }: Omit<SignInContext, 'store'>,
): Promise<BegunSession> {
  const begun = await transact(async (unit) => {
    const { tables, now } = unit;
    const row = await tables.consoleSessions.takeTicket(digest(ticket), now.toISOString());
    if (row === undefined) return undefined;
    const { account_sid: accountSid } = row;
    const by = { key_sid: null, token_digest: row.token_digest };
    return begin({ accountSid, scope: 'full' }, by, masterKey, unit);
  });
  if (begun === undefined) throw badCredentials('the ticket has been used or has expired');
  return begun;
}

/** Finds a browser's session, unless it has ended. */
export async function findConsoleSession(
  id: string,
  masterKey: MasterKey,
  now: Date,
  { consoleSessions }: Pick<Transaction, 'consoleSessions'>,
): Promise<ConsoleSession | undefined> {
  const row = await consoleSessions.find(digest(id), now.toISOString());
  // A rotated token has a new seal.
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

/** Compares in constant time. @param given the header X-CSRF-Token as received */
export function hasCsrfToken(csrfToken: string, given: string | string[] | undefined): boolean {
  if (typeof given !== 'string') return false;
  return timingSafeEqual(hash('sha256', csrfToken, 'buffer'), hash('sha256', given, 'buffer'));
}

/** @returns undefined if the credentials have been revoked in the meantime */
async function begin(
  { accountSid, scope }: Pick<Caller, 'accountSid' | 'scope'>,
  by: Pick<ConsoleSessionRow, 'key_sid' | 'token_digest'>,
  masterKey: MasterKey,
  { tables, now, audit }: Unit,
): Promise<BegunSession | undefined> {
  const id = randomSecret();
  await tables.consoleSessions.insert({
    id_hash: digest(id),
    account_sid: accountSid,
    scope: storedScope(scope).scope,
    ...by,
    date_created: now.toISOString(),
    date_expires: after(now, SESSION_LIFETIME_SECONDS).toISOString(),
  });
  const session = await findConsoleSession(id, masterKey, now, tables);
  if (session === undefined) return undefined;
  const act = { ...currentAct(), operation: SIGN_IN, by: session.caller.by };
  await audit(accountSid, { subject: by.key_sid ?? accountSid, after: { scope } }, { act });
  return { ...session, id };
}

function toSession(id: string, row: FoundConsoleSession, masterKey: MasterKey): ConsoleSession {
  const csrfToken = masterKey.lastingFingerprint(`console csrf ${id}`);
  const { account_sid: accountSid, key_sid: keySid, id_hash: idHash } = row;
  const scope = scopeOf(row);
  const session = idHash.slice(0, SESSION_NAME_LENGTH);
  const by = { type: 'console', sid: keySid ?? accountSid, scope, session } as const;
  return {
    caller: { accountSid, scope, csrfToken, by },
    friendlyName: row.friendly_name,
    csrfToken,
    dateExpires: new Date(row.date_expires),
  };
}

function badCredentials(why: string): SignInRefused {
  return new SignInRefused('badCredentials', `Authentication Error - ${why}`);
}

/** Identifies an account's auth token by its seal, which is unique. */
export function tokenDigest({ auth_token: sealed }: Pick<AccountRow, 'auth_token'>): string {
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
