// Failed TLS handshakes on ES9+, one row per reason, counted over all nodes.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables, TlsFailureRow } from './schema.ts';

export class TlsFailures {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Adds to the counts. */
  async add(rows: readonly TlsFailureRow[]): Promise<void> {
    // In a fixed order, to avoid deadlocks between nodes.
    for (const row of rows.toSorted((one, other) => (one.reason < other.reason ? -1 : 1))) {
      await this.#db
        .insertInto('tls_failures')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('reason').doUpdateSet({
            failures: sql`tls_failures.failures + excluded.failures`,
            address: row.address,
            date_last: row.date_last,
          }),
        )
        .execute();
    }
  }

  async deleteBefore(date: string): Promise<void> {
    await this.#db.deleteFrom('tls_failures').where('date_last', '<', date).execute();
  }

  /** Failures since `date`, latest first. */
  async list(date: string): Promise<TlsFailureRow[]> {
    return this.#db
      .selectFrom('tls_failures')
      .selectAll()
      .where('date_last', '>=', date)
      .orderBy('date_last', 'desc')
      .orderBy('reason')
      .execute();
  }
}
