// The Idempotency-Keys of recent requests, with the answer that each got.
import type { Kysely } from 'kysely';
import type { IdempotencyKeyRow, Tables } from './schema.ts';

export class IdempotencyKeys {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Throws `AlreadyExists`, and waits until it is known, when another transaction adds the same key. */
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

  /** Forgets keys made before `date`. */
  async deleteBefore(date: string): Promise<void> {
    await this.#db.deleteFrom('idempotency_keys').where('date_created', '<', date).execute();
  }
}
