import type { Flavor } from '../flavor.ts';

/**
 * Browser sessions of the console and the tickets that start them, both found by the hash of a secret; and an index
 * for counting what is no longer in stock.
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
    // Partial, because stock has an index already; so it cannot mislead the planner in other queries.
    `create index subscriptions_out_of_stock on subscriptions (account_sid, profile_type, state)
      where state <> 'Available'`,
  ];
}
