// RSP sessions: the data with which any node can answer the next call of a download.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { RspSessionRow, SubscriptionRow, Tables } from './schema.ts';

export interface DueSession extends Pick<
  RspSessionRow,
  'transaction_id' | 'date_expires' | 'smdp_sign' | 'eid'
> {
  profile: Pick<SubscriptionRow, 'state' | 'eid'> | undefined;
}

export class RspSessions {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
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
   * Sessions whose `date_due` is before a date, up to `limit`, each with its profile, locked by this transaction. One
   * that a call is changing is left out: it may be about to deliver its package.
   */
  async due(date: string, limit: number): Promise<DueSession[]> {
    let query = this.#db
      .selectFrom('rsp_sessions')
      .leftJoin('subscriptions', (join) =>
        join
          .onRef('subscriptions.account_sid', '=', 'rsp_sessions.account_sid')
          .onRef('subscriptions.iccid', '=', 'rsp_sessions.iccid'),
      )
      .select([
        'rsp_sessions.transaction_id',
        'rsp_sessions.date_expires',
        'rsp_sessions.smdp_sign',
        'rsp_sessions.eid',
        'subscriptions.state as profile_state',
        'subscriptions.eid as profile_eid',
      ])
      .where('date_due', '<', date)
      .orderBy('date_due')
      .limit(constant(limit));
    if (this.#flavor.rowLocks) query = query.forUpdate('rsp_sessions').skipLocked();
    const rows = await query.execute();
    return rows.map(({ profile_state: state, profile_eid: eid, ...session }) => ({
      ...session,
      profile: state === null ? undefined : { state, eid },
    }));
  }

  async delete(transactionIds: readonly string[]): Promise<void> {
    if (transactionIds.length === 0) return;
    await this.#db
      .deleteFrom('rsp_sessions')
      .where('transaction_id', 'in', transactionIds)
      .execute();
  }

  async postpone(transactionIds: readonly string[], date: string): Promise<void> {
    if (transactionIds.length === 0) return;
    await this.#db
      .updateTable('rsp_sessions')
      .set({ date_due: date })
      .where('transaction_id', 'in', transactionIds)
      .execute();
  }
}
