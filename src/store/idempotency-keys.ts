// The Idempotency-Keys of recent requests, with their responses.
import type { Kysely } from 'kysely';
import type { IdempotencyKeyRow, Tables } from './schema.ts';

export class IdempotencyKeys {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Throws `AlreadyExists` if the key exists; waits for another transaction that is adding it. */
  async insert(row: IdempotencyKeyRow): Promise<void> {
    await this.#db.insertInto('idempotency_keys').values(row).execute();
  }

  async find(accountSid: string, key: string): Promise<IdempotencyKeyRow | undefined> {
    return this.#db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
  }

  /** Deletes keys created before `date`. */
  async deleteBefore(date: string): Promise<void> {
    await this.#db.deleteFrom('idempotency_keys').where('date_created', '<', date).execute();
  }
}
