// RSP sessions: the data with which any node can answer the next call of a download.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { run, runWithLists } from './compiled.ts';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { RspSessionRow, SubscriptionRow, Tables } from './schema.ts';

/** The `date_due` of a session with a log: later than all dates. */
export const NOT_DUE = '9999';
/** Condition of the indexes of sessions that have a log. */
export const HAS_LOG = sql<boolean>`date_due = ${constant(NOT_DUE)}`;

/** A session for its next call, which does not read the log. */
export type StoredSession = Omit<RspSessionRow, 'log'>;

const COLUMNS = [
  'transaction_id',
  'step',
  'euicc_ci_pk_id',
  'dp_ci_pk_id',
  'account_sid',
  'iccid',
  'ordered_by',
  'order_number',
  'eid',
  'euicc_certificate',
  'bound_before',
  'confirmation_required',
  'smdp_signature2',
  'authenticate_digest',
  'bpp_euicc_otpk',
  'bind_digest',
  'smdp_sign',
  'date_created',
  'date_expires',
  'date_due',
] as const satisfies (keyof StoredSession)[];

/** Columns for reading the log. */
export const LOGGED_COLUMNS = [
  'account_sid',
  'ordered_by',
  'transaction_id',
  'euicc_certificate',
  'log',
] as const satisfies (keyof RspSessionRow)[];

/** A session with a log, under an order. */
export type LoggedSession = Pick<RspSessionRow, (typeof LOGGED_COLUMNS)[number]>;

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
  async find(transactionId: string): Promise<StoredSession | undefined> {
    const { rows } = await run(this.#db, 'rspSessions.find', { transactionId }, (given) =>
      this.#db
        .selectFrom('rsp_sessions')
        .select(COLUMNS)
        .where('transaction_id', '=', given.transactionId),
    );
    return rows[0];
  }

  /**
   * Updates a session that is still at the step `from`. Throws `Conflict` if it is not.
   * @param logged added to its log. Throws `Conflict` if it has none anymore
   */
  async advance(
    from: RspSessionRow['step'],
    row: Pick<RspSessionRow, 'transaction_id' | 'step'> & Partial<StoredSession>,
    logged?: Uint8Array,
  ): Promise<void> {
    const { numAffectedRows } = await run(
      this.#db,
      'rspSessions.advance',
      { from, ...row, ...(logged && { logged }) },
      ({ from: step, transaction_id, logged: more, ...columns }) => {
        const update = this.#db
          .updateTable('rsp_sessions')
          .set(columns)
          .where('transaction_id', '=', transaction_id)
          .where('step', '=', step);
        if (more === undefined) return update;
        return update.set({ log: this.#flavor.longer('log', more) }).where('log', 'is not', null);
      },
    );
    if (numAffectedRows !== 1n)
      throw new Conflict(`session ${row.transaction_id} is no longer ${from}`);
  }

  /** Sessions of an order that have a log, in any order. */
  async logged(accountSid: string, orderedBy: string): Promise<LoggedSession[]> {
    const { rows } = await run(this.#db, 'rspSessions.logged', { accountSid, orderedBy }, (given) =>
      this.#db
        .selectFrom('rsp_sessions')
        .select(LOGGED_COLUMNS)
        .where('account_sid', '=', given.accountSid)
        .where('ordered_by', '=', given.orderedBy)
        .where(HAS_LOG),
    );
    return rows;
  }

  /** As `logged`, of several orders. */
  async loggedOfMany(accountSid: string, orders: readonly string[]): Promise<LoggedSession[]> {
    if (orders.length === 0) return [];
    const { rows } = await runWithLists(
      this.#db,
      this.#flavor,
      'rspSessions.loggedOfMany',
      { accountSids: [accountSid], orders },
      ({ accountSids, orders: given }) =>
        this.#db
          .selectFrom('rsp_sessions')
          .select(LOGGED_COLUMNS)
          .where(this.#flavor.lists.among(sql.ref('account_sid'), accountSids))
          .where(this.#flavor.lists.among(sql.ref('ordered_by'), given))
          .where(HAS_LOG),
    );
    return rows;
  }

  /** Deletes the logs of up to `limit` sessions created before `date`, oldest first; they are due then. @returns how many */
  async deleteLogs(date: string, limit: number, due: string): Promise<number> {
    let old = this.#db
      .selectFrom('rsp_sessions')
      .select('transaction_id')
      .where(HAS_LOG)
      .where('date_created', '<', date)
      .orderBy('date_created')
      .limit(constant(limit));
    if (this.#flavor.rowLocks) old = old.forUpdate().skipLocked();
    const { numUpdatedRows } = await this.#db
      .updateTable('rsp_sessions')
      .set({ log: null, date_due: due })
      .where('transaction_id', 'in', old)
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /**
   * Sessions whose `date_due` is a date or before it, up to `limit`, each with its profile, locked by this transaction. One
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
      .where('date_due', '<=', date)
      .where('date_due', '<', constant(NOT_DUE))
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
