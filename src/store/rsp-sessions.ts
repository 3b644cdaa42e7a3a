// RSP sessions: the data with which any node can answer the next call of a download.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { Conflict } from './errors.ts';
import type { RspSessionRow, Tables } from './schema.ts';

export class RspSessions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Throws `Conflict` if there is one with this TransactionID. */
  async insert(row: RspSessionRow): Promise<void> {
    const { rows } = await run(this.#db, 'rspSessions.insert', { ...row }, (given) =>
      this.#db
        .insertInto('rsp_sessions')
        .values(given)
        .onConflict((conflict) => conflict.column('transaction_id').doNothing())
        .returning('transaction_id'),
    );
    if (rows.length === 0) throw new Conflict(`session ${row.transaction_id} already exists`);
  }

  /** @param transactionId upper-case hex */
  async find(transactionId: string): Promise<RspSessionRow | undefined> {
    const { rows } = await run(this.#db, 'rspSessions.find', { transactionId }, (given) =>
      this.#db
        .selectFrom('rsp_sessions')
        .selectAll()
        .where('transaction_id', '=', given.transactionId),
    );
    return rows[0];
  }

  /** Updates a session that is still at the step `from`. Throws `Conflict` if it is not. */
  async advance(
    from: RspSessionRow['step'],
    row: Pick<RspSessionRow, 'transaction_id' | 'step'> & Partial<RspSessionRow>,
  ): Promise<void> {
    const { numAffectedRows } = await run(
      this.#db,
      'rspSessions.advance',
      { from, ...row },
      ({ from: step, transaction_id, ...columns }) =>
        this.#db
          .updateTable('rsp_sessions')
          .set(columns)
          .where('transaction_id', '=', transaction_id)
          .where('step', '=', step),
    );
    if (numAffectedRows !== 1n)
      throw new Conflict(`session ${row.transaction_id} is no longer ${from}`);
  }

  /**
   * Deletes sessions that expired before `date` without a bound profile. For the others, a notification may still
   * arrive.
   */
  async deleteExpired(date: string): Promise<void> {
    await this.#db
      .deleteFrom('rsp_sessions')
      .where('date_expires', '<', date)
      .where('smdp_sign', 'is', null)
      .execute();
  }
}
