// Browser sessions of the console, and the tickets that start them.
import type { Kysely } from 'kysely';
import type {
  AccountRow,
  ApiKeyRow,
  ConsoleSessionRow,
  ConsoleTicketRow,
  Tables,
} from './schema.ts';

/** A session with current data of its account. */
export type FoundConsoleSession = ConsoleSessionRow &
  Pick<AccountRow, 'friendly_name' | 'auth_token'> &
  Pick<ApiKeyRow, 'role'>;

export class ConsoleSessions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async insert(row: ConsoleSessionRow): Promise<void> {
    await this.#db.insertInto('console_sessions').values(row).execute();
  }

  /** Finds a session, unless it has expired or the API key that started it is revoked. */
  async find(idHash: string, now: string): Promise<FoundConsoleSession | undefined> {
    return this.#db
      .selectFrom('console_sessions as session')
      .innerJoin('accounts as account', 'account.sid', 'session.account_sid')
      .leftJoin('api_keys as key', (join) =>
        join
          .onRef('key.account_sid', '=', 'session.account_sid')
          .onRef('key.sid', '=', 'session.key_sid')
          .on('key.date_revoked', 'is', null),
      )
      .selectAll('session')
      .select(['account.friendly_name', 'account.auth_token', 'key.role'])
      .where('session.id_hash', '=', idHash)
      .where('session.date_expires', '>', now)
      .where((c) => c.or([c('session.key_sid', 'is', null), c('key.sid', 'is not', null)]))
      .executeTakeFirst();
  }

  async end(idHash: string): Promise<void> {
    await this.#db.deleteFrom('console_sessions').where('id_hash', '=', idHash).execute();
  }

  async insertTicket(row: ConsoleTicketRow): Promise<void> {
    await this.#db.insertInto('console_tickets').values(row).execute();
  }

  /** Deletes and returns a ticket that has not expired, so it can be used only once. */
  async takeTicket(ticketHash: string, now: string): Promise<ConsoleTicketRow | undefined> {
    return this.#db
      .deleteFrom('console_tickets')
      .where('ticket_hash', '=', ticketHash)
      .where('date_expires', '>', now)
      .returningAll()
      .executeTakeFirst();
  }

  async deleteAll(): Promise<void> {
    await this.#db.deleteFrom('console_sessions').execute();
    await this.#db.deleteFrom('console_tickets').execute();
  }

  async deleteExpired(now: string): Promise<void> {
    await this.#db.deleteFrom('console_sessions').where('date_expires', '<=', now).execute();
    await this.#db.deleteFrom('console_tickets').where('date_expires', '<=', now).execute();
  }
}
