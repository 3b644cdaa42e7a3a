// Accounts, their keys, and what their callers leave behind.
import type { HttpMethod } from './outbox.ts';

/**
 * When the subscription of an order is released again, as a new order, without being asked: never; when its eUICC has
 * reported a failed installation; when it has reported the deletion; in both cases.
 */
export type ReleaseAgain = 'off' | 'failure' | 'deletion' | 'both';

export interface AccountRow {
  sid: string;
  friendly_name: string;
  /** Sealed with the master key, not hashed: signing callbacks needs the plain text. */
  auth_token: string;
  release_again: ReleaseAgain;
  /** For orders and Sims without one of their own; user and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Whether it is called about eUICCs of the eIM as well. */
  euicc_callbacks: 0 | 1;
  /** Counts the secrets that have signed its callbacks; each is derived from the master key by its number. */
  callback_secret_number: number;
  /** Until when the secret before that one signs as well. */
  callback_secret_until: string | null;
  /** The id of the master key that the newest one is derived from, and the one before; null: the first key. */
  callback_secret_key: string | null;
  callback_secret_key_before: string | null;
  /** Until when no other rehearsal of the account may begin. */
  rehearsal_until: string | null;
  date_created: string;
}

export interface ApiKeyRow {
  account_sid: string;
  sid: string;
  friendly_name: string;
  /** SHA-256 of the secret, hex. The secret is random, so the hash cannot be reversed by guessing. */
  secret_hash: string;
  scope: 'full' | 'read';
  /** What it may change beside reading, if its scope is `read`. */
  role: 'orders' | 'stock' | null;
  date_created: string;
  date_revoked: string | null;
}

/** How the install pages of an account look. */
export interface BrandRow {
  account_sid: string;
  name: string | null;
  /** `#rrggbb`, in lower case. */
  accent_color: string | null;
  support_text: string | null;
  support_url: string | null;
  logo: Uint8Array | null;
  logo_type: 'image/png' | 'image/jpeg' | null;
  date_updated: string;
}

export interface IdempotencyKeyRow {
  account_sid: string;
  idempotency_key: string;
  /** Digest of the request with which the key was first used. */
  fingerprint: string;
  response_status: number;
  response_body: string;
  date_created: string;
}

/** A browser's session in the console. */
export interface ConsoleSessionRow {
  /** SHA-256 of the id in its cookie, hex. */
  id_hash: string;
  account_sid: string;
  scope: 'full' | 'read';
  /** The API key that started it; null: the auth token did. */
  key_sid: string | null;
  /** SHA-256 of the sealed auth token that started it, hex. */
  token_digest: string | null;
  date_created: string;
  date_expires: string;
}

/** A link that starts one console session. */
export interface ConsoleTicketRow {
  /** SHA-256 of the ticket, hex. */
  ticket_hash: string;
  account_sid: string;
  /** SHA-256 of the sealed auth token at that time, hex. */
  token_digest: string;
  date_created: string;
  date_expires: string;
}

export interface AccountTables {
  accounts: AccountRow;
  api_keys: ApiKeyRow;
  idempotency_keys: IdempotencyKeyRow;
  console_sessions: ConsoleSessionRow;
  console_tickets: ConsoleTicketRow;
  brands: BrandRow;
}
