// What metrics read: figures about all accounts. Each query reads a bounded number of rows, by an index, so that none takes
// long with tens of millions of them; what has more is counted part by part.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { EngineFigures } from './flavor.ts';
import { HAS_LOG } from './rsp-sessions.ts';
import type { RspSessionRow, StatisticsCountRow, Tables } from './schema.ts';

/** Rows read at once. */
const SLICE = 5_000;
/** A queue with more is said to have so many. */
const MOST_QUEUED = 10_000;

type OutboxName = 'callbacks' | 'progress_reports';

/** SIDs of the oldest rows of an account, null if there are none. */
export interface Oldest {
  pendingCallback: string | null;
  failedCallback: string | null;
  pendingReport: string | null;
  failedReport: string | null;
}

export interface Queues {
  batches: number;
  batchItems: number;
  smdsEvents: number;
  es2plusTasks: number;
}

/** Operations on eUICCs of the eIM. */
export interface EimOperationFigures {
  /** Those that have not ended: how many, and the SID of the oldest. */
  open: { status: string; count: number; oldest: string }[];
  /** Those that have. */
  ended: { outcome: string; count: number }[];
}

export interface EuiccFigures {
  status: string;
  count: number;
  /** Those that have not polled since. */
  silent: number;
}

export class Figures {
  readonly #db: Kysely<Tables>;
  /** The engine's own. */
  readonly engine: () => Promise<EngineFigures>;

  constructor(db: Kysely<Tables>, engine: () => Promise<EngineFigures>) {
    this.#db = db;
    this.engine = engine;
  }

  /** SIDs of the accounts after `after`. */
  async accounts(after: string, limit: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('accounts')
      .select('sid')
      .where('sid', '>', after)
      .orderBy('sid')
      .limit(constant(limit))
      .execute();
    return rows.map(({ sid }) => sid);
  }

  async oldest(account: string): Promise<Oldest> {
    const of = (table: OutboxName, state: 'pending' | 'failed') => sql`(
      select min(sid) from ${sql.table(table)}
      where account_sid = ${account} and state = ${constant(state)}
    )`;
    const { rows } = await sql<Oldest>`
      select ${of('callbacks', 'pending')} as "pendingCallback",
        ${of('callbacks', 'failed')} as "failedCallback",
        ${of('progress_reports', 'pending')} as "pendingReport",
        ${of('progress_reports', 'failed')} as "failedReport"`.execute(this.#db);
    return rows[0]!;
  }

  /** The changes of status of all times of some accounts. */
  async steps(
    accounts: readonly string[],
  ): Promise<Pick<StatisticsCountRow, 'detail' | 'count'>[]> {
    if (accounts.length === 0) return [];
    const rows = await this.#db
      .selectFrom('statistics_counts')
      .select(({ fn }) => ['detail', fn.sum<number>('count').as('count')])
      .where('account_sid', 'in', [...accounts])
      .where('unit', '=', constant('all'))
      .where('period', '=', constant(''))
      .where('what', '=', constant('step'))
      .groupBy('detail')
      .execute();
    return rows;
  }

  /** The profile types that an account has subscriptions of, in stock or not: one step in an index for each. */
  async profileTypes(account: string, limit: number): Promise<string[]> {
    const next = (condition: 'in' | 'out', after?: string) => sql`(
      select min(profile_type) from subscriptions
      where account_sid = ${account} and state ${sql.raw(condition === 'in' ? '=' : '<>')} 'Available'
        ${after === undefined ? sql`` : sql`and profile_type > ${sql.ref(after)}`}
    )`;
    const walk = (name: string, condition: 'in' | 'out') => sql`${sql.table(name)}(name) as (
      select ${next(condition)}
      union all
      select ${next(condition, `${name}.name`)} from ${sql.table(name)} where name is not null
    )`;
    const { rows } = await sql<{ name: string }>`
      with recursive ${walk('stocked', 'in')}, ${walk('taken', 'out')}
      select name from (select name from stocked union select name from taken) as known
      where name is not null order by name limit ${constant(limit)}`.execute(this.#db);
    return rows.map(({ name }) => name);
  }

  /** Counts a part of the stock of a profile type. @returns where to go on; undefined: nowhere */
  countStock(account: string, type: string, after: string) {
    return this.#slice(sql`
      select iccid as key from subscriptions
      where account_sid = ${account} and profile_type = ${type} and state = 'Available' and iccid > ${after}
      order by iccid limit ${constant(SLICE)}`);
  }

  /** Counts a part of an outbox of an account. */
  countOutbox(table: OutboxName, account: string, state: 'pending' | 'failed', after: string) {
    return this.#slice(sql`
      select sid as key from ${sql.table(table)}
      where account_sid = ${account} and state = ${constant(state)} and sid > ${after}
      order by sid limit ${constant(SLICE)}`);
  }

  async #slice(
    query: ReturnType<typeof sql>,
  ): Promise<{ count: number; next: string | undefined }> {
    const { rows } = await sql<{ count: number; last: string | null }>`
      select count(*) as count, max(key) as last from (${query}) as slice`.execute(this.#db);
    const { count, last } = rows[0]!;
    return { count, next: count < SLICE ? undefined : (last ?? undefined) };
  }

  /** RSP sessions that have begun and not ended, by step. */
  async sessions(
    begunAfter: string,
    now: string,
  ): Promise<{ step: RspSessionRow['step']; count: number }[]> {
    const { rows } = await sql<{ step: RspSessionRow['step']; count: number }>`
      select step, count(*) as count from (
        select step, date_expires from rsp_sessions
        where ${HAS_LOG} and date_created >= ${begunAfter}
        order by date_created desc limit ${constant(MOST_QUEUED)}
      ) as recent
      where step <> 'ended' and date_expires > ${now} group by step`.execute(this.#db);
    return rows;
  }

  async queues(): Promise<Queues> {
    const { rows } = await sql<Queues>`
      select
        (select count(*) from batches where step is not null) as batches,
        (select coalesce(sum(item_count - ordered - refused), 0) from batches where step is not null) as "batchItems",
        (select count(*) from (
          select 1 from smds_events where next_attempt_at is not null limit ${constant(MOST_QUEUED)}
        ) as events) as "smdsEvents",
        (select count(*) from (
          select 1 from es2plus_tasks limit ${constant(MOST_QUEUED)}
        ) as tasks) as "es2plusTasks"`.execute(this.#db);
    return rows[0]!;
  }

  /** @param since from when on those that have ended are counted */
  async eimOperations(since: string): Promise<EimOperationFigures> {
    const open = await sql<EimOperationFigures['open'][number]>`
      select status, count(*) as count, min(sid) as oldest from (
        select status, sid from eim_operations
        where date_ended is null limit ${constant(MOST_QUEUED)}
      ) as open group by status`.execute(this.#db);
    const ended = await sql<EimOperationFigures['ended'][number]>`
      select outcome, count(*) as count from (
        select case when error_code = 'noResult' then 'no_result' else status end as outcome
        from eim_operations where date_ended is not null and date_ended >= ${since}
        order by date_ended desc limit ${constant(MOST_QUEUED)}
      ) as ended group by outcome`.execute(this.#db);
    return { open: open.rows, ended: ended.rows };
  }

  /** Counts a part of the eUICCs by status. @returns where to go on; undefined: nowhere */
  async euiccs(
    after: string,
    seenBefore: string,
  ): Promise<{ counts: EuiccFigures[]; next: string | undefined }> {
    const { rows } = await sql<EuiccFigures & { last: string }>`
      select state as status, count(*) as count, max(eid) as last,
        sum(case when date_seen < ${seenBefore} then 1 else 0 end) as silent
      from (
        select eid, state, date_seen from euiccs
        where eid > ${after} order by eid limit ${constant(SLICE)}
      ) as slice group by state`.execute(this.#db);
    const read = rows.reduce((total, { count }) => total + count, 0);
    const last = rows.map(({ last: one }) => one).toSorted();
    return { counts: rows, next: read < SLICE ? undefined : last.at(-1) };
  }
}
