// The Idempotency-Keys of recent requests, with their responses.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
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

  /** Deletes up to `limit` keys created before `date`. @returns how many */
  async deleteBefore(date: string, limit: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('idempotency_keys')
      .where((row) =>
        row(
          row.refTuple('account_sid', 'idempotency_key'),
          'in',
          row
            .selectFrom('idempotency_keys')
            .select(['account_sid', 'idempotency_key'])
            .where('date_created', '<', date)
            .limit(constant(limit))
            .$asTuple('account_sid', 'idempotency_key'),
        ),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
}
