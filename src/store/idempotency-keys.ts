// The Idempotency-Keys of recent requests, with the answer that each got.
import type { Kysely } from 'kysely';
import { Conflict } from './errors.ts';
import type { IdempotencyKeyRow, Tables } from './schema.ts';

export class IdempotencyKeys {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /**
   * Takes a key for a request: a new key, or one whose request died before it was answered.
   * @returns undefined when it was taken, otherwise the row that holds it
   */
  async claim(row: IdempotencyKeyRow, now: string): Promise<IdempotencyKeyRow | undefined> {
    for (;;) {
      const inserted = await this.#db
        .insertInto('idempotency_keys')
        .values(row)
        .onConflict((conflict) => conflict.columns(['account_sid', 'idempotency_key']).doNothing())
        .returning('request_id')
        .executeTakeFirst();
      if (inserted !== undefined) return undefined;
      const takenOver = await this.#db
        .updateTable('idempotency_keys')
        .set({ request_id: row.request_id, locked_until: row.locked_until })
        .where('account_sid', '=', row.account_sid)
        .where('idempotency_key', '=', row.idempotency_key)
        .where('fingerprint', '=', row.fingerprint)
        .where('response_status', 'is', null)
        .where('locked_until', '<=', now)
        .executeTakeFirst();
      if (takenOver.numUpdatedRows === 1n) return undefined;
      const holder = await this.find(row.account_sid, row.idempotency_key);
      if (holder !== undefined) return holder;
      // Given back in the meantime: it is free now.
    }
  }

  async find(accountSid: string, key: string): Promise<IdempotencyKeyRow | undefined> {
    return this.#db
      .selectFrom('idempotency_keys')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('idempotency_key', '=', key)
      .executeTakeFirst();
  }

  /** Stores the answer, in the transaction of what it tells. Throws `Conflict` when the key is not held any more. */
  async answer(held: IdempotencyKeyRow, status: number, body: string): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable('idempotency_keys')
      .set({ response_status: status, response_body: body })
      .where('account_sid', '=', held.account_sid)
      .where('idempotency_key', '=', held.idempotency_key)
      .where('request_id', '=', held.request_id)
      .where('response_status', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) {
      throw new Conflict('Another request has taken this Idempotency-Key over');
    }
  }

  /** Gives a key back that was claimed and not answered. */
  async release(held: IdempotencyKeyRow): Promise<void> {
    await this.#db
      .deleteFrom('idempotency_keys')
      .where('account_sid', '=', held.account_sid)
      .where('idempotency_key', '=', held.idempotency_key)
      .where('request_id', '=', held.request_id)
      .where('response_status', 'is', null)
      .execute();
  }

  /** Forgets keys made before `date`. */
  async deleteBefore(date: string): Promise<void> {
    await this.#db.deleteFrom('idempotency_keys').where('date_created', '<', date).execute();
  }
}
