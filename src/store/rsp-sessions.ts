// RSP sessions: the data with which any node can answer the next call of a download.
import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { claim, lockFree } from './claims.ts';
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

/** A session, and the date by which it was found. */
type Found = Pick<RspSessionRow, 'transaction_id'> & { date: string };

type Sessions<Row> = SelectQueryBuilder<Tables, 'rsp_sessions', Row>;

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
          .where(this.#flavor.lists.ofAccounts(accountSids, sql.ref('ordered_by'), given))
          .where(HAS_LOG),
    );
    return rows;
  }

  /** Deletes the logs of up to `limit` sessions created before `date`, oldest first; they are due then. @returns how many */
  async deleteLogs(date: string, limit: number, due: string): Promise<number> {
    const old = this.#db.selectFrom('rsp_sessions').where(HAS_LOG).where('date_created', '<', date);
    const claimed = await this.#claim(limit, {
      from: old,
      by: 'date_created',
      lock: old.select('transaction_id'),
    });
    if (claimed.length === 0) return 0;
    await this.#db
      .updateTable('rsp_sessions')
      .set({ log: null, date_due: due })
      .where(
        'transaction_id',
        'in',
        claimed.map(({ transaction_id }) => transaction_id),
      )
      .execute();
    return claimed.length;
  }

  /**
   * Sessions whose `date_due` is a date or before it, up to `limit`, each with its profile, locked by this transaction. One
   * that a call is changing is left out: it may be about to deliver its package.
   */
  async due(date: string, limit: number): Promise<DueSession[]> {
    const due = this.#db
      .selectFrom('rsp_sessions')
      .where('date_due', '<=', date)
      .where('date_due', '<', constant(NOT_DUE));
    const sessions = await this.#claim(limit, {
      from: due,
      by: 'date_due',
      lock: due.select([
        'transaction_id',
        'date_expires',
        'smdp_sign',
        'eid',
        'account_sid',
        'iccid',
      ]),
    });
    const profiles = await this.#profilesOf(sessions);
    return sessions.map(({ account_sid, iccid, ...session }) => ({
      ...session,
      profile: profiles.get(`${account_sid} ${iccid}`),
    }));
  }

  /** Where tables are spread, each session is on a server of its own. */
  #claim<Row>(
    limit: number,
    {
      from,
      by,
      lock,
    }: { from: Sessions<{}>; by: 'date_created' | 'date_due'; lock: Sessions<Row> },
  ): Promise<Row[]> {
    const { isSpread } = this.#flavor;
    return claim({
      limit,
      find: (after: Found | undefined, count) =>
        (after === undefined
          ? from
          : from.where((row) =>
              row(
                row.refTuple(by, 'transaction_id'),
                '>',
                row.tuple(after.date, after.transaction_id),
              ),
            )
        )
          .select(['transaction_id', `${by} as date`])
          .orderBy(by)
          .orderBy('transaction_id')
          .limit(constant(count))
          .execute(),
      placeOf: ({ transaction_id }) => (isSpread ? transaction_id : ''),
      lock: (found) =>
        lockFree(
          lock.where(
            'transaction_id',
            'in',
            found.map(({ transaction_id }) => transaction_id),
          ),
          this.#flavor,
        ),
    });
  }

  /** By account and ICCID. */
  async #profilesOf(
    sessions: readonly Pick<RspSessionRow, 'account_sid' | 'iccid'>[],
  ): Promise<Map<string, Pick<SubscriptionRow, 'state' | 'eid'>>> {
    const found = new Map<string, Pick<SubscriptionRow, 'state' | 'eid'>>();
    for (const [account, some] of Map.groupBy(sessions, ({ account_sid }) => account_sid)) {
      const iccids = some.flatMap(({ iccid }) => iccid ?? []);
      if (account === null || iccids.length === 0) continue;
      const rows = await this.#db
        .selectFrom('subscriptions')
        .select(['iccid', 'state', 'eid'])
        .where('account_sid', '=', account)
        .where('iccid', 'in', iccids)
        .execute();
      for (const { iccid, ...profile } of rows) found.set(`${account} ${iccid}`, profile);
    }
    return found;
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
