import type { Flavor } from '../flavor.ts';

/** Sessions of the console in browsers, and the tickets that begin one. Both are found by a secret, so by its hash. */
export function consoleSessions({ text }: Flavor): string[] {
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
  ];
}
