// RSP sessions: what any node needs to answer the next call of a download.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { Conflict } from './errors.ts';
import type { RspSessionRow, Tables } from './schema.ts';

export class RspSessions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Throws `Conflict` when there is one with this TransactionID. */
  async insert(row: RspSessionRow): Promise<void> {
    const { rows } = await run(this.#db, 'rspSessions.insert', { ...row }, (given) =>
      this.#db
        .insertInto('rsp_sessions')
        .values(given)
        .onConflict((conflict) => conflict.column('transaction_id').doNothing())
        .returning('transaction_id'),
    );
    if (rows.length === 0) throw new Conflict(`session ${row.transaction_id} is there`);
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

  /** Changes columns of a session that is still at the step `from`. Throws `Conflict` when it is not. */
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
    if (numAffectedRows !== 1n) throw new Conflict(`session ${row.transaction_id} is not ${from}`);
  }

  /**
   * Forgets sessions that expired before `date` without a profile having been bound. Of the others a
   * notification may still come.
   */
  async deleteExpired(date: string): Promise<void> {
    await this.#db
      .deleteFrom('rsp_sessions')
      .where('date_expires', '<', date)
      .where('smdp_sign', 'is', null)
      .execute();
  }
}
