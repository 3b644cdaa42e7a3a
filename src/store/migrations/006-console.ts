import type { Flavor } from '../flavor.ts';

/**
 * Sessions of the console in browsers and the tickets that begin one, both found by the hash of a secret; and an
 * index that counts what is no longer in stock.
 */
export function consoleTables({ text }: Flavor): string[] {
  return [
    `create table console_sessions (
      id_hash ${text} primary key,
      account_sid ${text} not null,
      scope ${text} not null check (scope in ('full', 'read')),
      key_sid ${text},
      token_digest ${text},
      date_created ${text} not null,
      date_expires ${text} not null
    )`,
    `create index console_sessions_by_expiry on console_sessions (date_expires)`,
    `create table console_tickets (
      ticket_hash ${text} primary key,
      account_sid ${text} not null,
      token_digest ${text} not null,
      date_created ${text} not null,
      date_expires ${text} not null
    )`,
    `create index console_tickets_by_expiry on console_tickets (date_expires)`,
    // Without what is in stock, which has an index already: no other query can be led astray by it.
    `create index subscriptions_out_of_stock on subscriptions (account_sid, profile_type, state)
      where state <> 'Available'`,
  ];
}
