// What has been counted of the events of eSIM Profiles, and what counting them takes.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { accountsAfter } from './accounts.ts';
import { runWithLists } from './compiled.ts';
import { Conflict } from './errors.ts';
import { newestEventOf } from './event-log.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type {
  EsimProfileEventRow,
  EsimProfileRow,
  StatisticsCountRow,
  StatisticsWhat,
  Tables,
} from './schema.ts';

const EVENT_COLUMNS = [
  'sid',
  'esim_profile_sid',
  'status',
  'previous_status',
  'date_created',
] as const satisfies (keyof EsimProfileEventRow)[];
export type StatusEvent = Pick<EsimProfileEventRow, (typeof EVENT_COLUMNS)[number]>;

export interface StatusEvents {
  events: StatusEvent[];
  /** SID of the last event of any kind that was looked at. */
  last: string | undefined;
  /** Whether there may be more. */
  more: boolean;
}

const ORDER_COLUMNS = [
  'sid',
  'iccid',
  'eid',
  'error_code',
  'replaces_sid',
] as const satisfies (keyof EsimProfileRow)[];
export type CountedOrder = Pick<EsimProfileRow, (typeof ORDER_COLUMNS)[number]>;

export type Count = Omit<StatisticsCountRow, 'account_sid'>;
/** From the first period to the last, both inclusive. */
export interface Periods {
  unit: 'day' | 'hour';
  first: string;
  last: string;
}

/** Rows of a statement: few enough for its parameters. */
const WRITTEN_AT_ONCE = 200;

export class Statistics {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /** SID of the last counted event; undefined: none is. */
  async mark(accountSid: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('statistics_marks')
      .select('counted_to')
      .where('account_sid', '=', accountSid)
      .executeTakeFirst();
    return row?.counted_to;
  }

  /** As `mark`, '' for none, locked by this transaction. @returns undefined if another one has locked it */
  async claimMark(accountSid: string): Promise<string | undefined> {
    await this.#db
      .insertInto('statistics_marks')
      .values({ account_sid: accountSid, counted_to: '' })
      .onConflict((conflict) => conflict.column('account_sid').doNothing())
      .execute();
    let query = this.#db
      .selectFrom('statistics_marks')
      .select('counted_to')
      .where('account_sid', '=', accountSid);
    if (this.#flavor.rowLocks) query = query.forUpdate().skipLocked();
    return (await query.executeTakeFirst())?.counted_to;
  }

  /** Adds counts, all of different keys, and moves the mark on. Throws `Conflict` if it is no longer at `from`. */
  async add(
    accountSid: string,
    counts: readonly Count[],
    { from, to }: { from: string; to: string },
  ): Promise<void> {
    for (let at = 0; at < counts.length; at += WRITTEN_AT_ONCE) {
      const rows = counts
        .slice(at, at + WRITTEN_AT_ONCE)
        .map((count) => ({ account_sid: accountSid, ...count }));
      await this.#db
        .insertInto('statistics_counts')
        .values(rows)
        .onConflict((conflict) =>
          conflict
            .columns(['account_sid', 'unit', 'period', 'what', 'detail'])
            .doUpdateSet({ count: sql`statistics_counts.count + excluded.count` }),
        )
        .execute();
    }
    const { numUpdatedRows } = await this.#db
      .updateTable('statistics_marks')
      .set({ counted_to: to })
      .where('account_sid', '=', accountSid)
      .where('counted_to', '=', from)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new Conflict('The same events were counted meanwhile');
  }

  /** Everything is counted again, from the first event. */
  async reset(accountSid: string): Promise<void> {
    // First, so that whoever is counting has ended.
    await this.#db
      .insertInto('statistics_marks')
      .values({ account_sid: accountSid, counted_to: '' })
      .onConflict((conflict) => conflict.column('account_sid').doUpdateSet({ counted_to: '' }))
      .execute();
    await this.#db.deleteFrom('statistics_counts').where('account_sid', '=', accountSid).execute();
  }

  async forgetHoursBefore(accountSid: string, hour: string): Promise<void> {
    await this.#db
      .deleteFrom('statistics_counts')
      .where('account_sid', '=', accountSid)
      .where('unit', '=', constant('hour'))
      .where('period', '<', hour)
      .execute();
  }

  /** Accounts after `after` with events that are not counted, by SID. */
  async behind(after: string, limit: number): Promise<string[]> {
    if (this.#flavor.isSpread) return this.#behindEach(after, limit);
    const { rows } = await sql<{ sid: string }>`
      select sid from (
        select sid, (
          select sid from esim_profile_events where account_sid = accounts.sid
          order by sid desc limit 1
        ) as newest, (
          select counted_to from statistics_marks where account_sid = accounts.sid
        ) as counted_to
        from accounts where sid > ${after}
      ) as each_account
      where newest > coalesce(counted_to, '') order by sid limit ${constant(limit)}`.execute(
      this.#db,
    );
    return rows.map(({ sid }) => sid);
  }

  async #behindEach(after: string, limit: number): Promise<string[]> {
    const found: string[] = [];
    for await (const sid of accountsAfter(this.#db, after)) {
      const newest = await newestEventOf(this.#db, sid);
      if (newest !== undefined && newest > ((await this.mark(sid)) ?? '')) found.push(sid);
      if (found.length === limit) break;
    }
    return found;
  }

  /** See `Flavor.oldestWriter`. */
  async oldestWriter(): Promise<Date | undefined> {
    const { oldestWriter } = this.#flavor;
    if (oldestWriter === undefined) return undefined;
    const { rows } = await sql<{ time: number | null }>`select ${oldestWriter} as time`.execute(
      this.#db,
    );
    const time = rows[0]?.time ?? null;
    return time === null ? undefined : new Date(time);
  }

  /** Changes of status between two events, exclusive, oldest first. */
  async events(
    accountSid: string,
    after: string,
    before: string,
    limit: number,
  ): Promise<StatusEvents> {
    const rows = await this.#events(accountSid, after, limit).where('sid', '<', before).execute();
    return statusEvents(rows, limit);
  }

  /** As `events`, including the last. */
  async eventsUpTo(
    accountSid: string,
    after: string,
    last: string,
    limit: number,
  ): Promise<StatusEvents> {
    const rows = await this.#events(accountSid, after, limit).where('sid', '<=', last).execute();
    return statusEvents(rows, limit);
  }

  #events(accountSid: string, after: string, limit: number) {
    return this.#db
      .selectFrom('esim_profile_events')
      .select([...EVENT_COLUMNS, 'type'])
      .where('account_sid', '=', accountSid)
      .where('sid', '>', after)
      .orderBy('sid')
      .limit(constant(limit));
  }

  /** When orders became available, by their SID. */
  async availableSince(accountSid: string, sids: readonly string[]): Promise<Map<string, string>> {
    if (sids.length === 0) return new Map();
    const { rows } = await runWithLists(
      this.#db,
      this.#flavor,
      'statistics.availableSince',
      { accountSids: [accountSid], sids: [...new Set(sids)] },
      ({ accountSids, sids: given }) =>
        this.#db
          .selectFrom('esim_profile_events')
          .select(['esim_profile_sid', 'date_created'])
          .where(this.#flavor.lists.ofAccounts(accountSids, sql.ref('esim_profile_sid'), given))
          .where('type', '=', constant('status'))
          .where('status', '=', constant('available')),
    );
    return new Map(rows.map((row) => [row.esim_profile_sid, row.date_created]));
  }

  async orders(accountSid: string, sids: readonly string[]): Promise<Map<string, CountedOrder>> {
    if (sids.length === 0) return new Map();
    const { rows } = await runWithLists(
      this.#db,
      this.#flavor,
      'statistics.orders',
      { accountSids: [accountSid], sids: [...new Set(sids)] },
      ({ accountSids, sids: given }) =>
        this.#db
          .selectFrom('esim_profiles')
          .select(ORDER_COLUMNS)
          .where(this.#flavor.lists.ofAccounts(accountSids, sql.ref('sid'), given)),
    );
    return new Map(rows.map((row) => [row.sid, row]));
  }

  /** The profile types of subscriptions, by their ICCID. */
  async profileTypes(accountSid: string, iccids: readonly string[]): Promise<Map<string, string>> {
    if (iccids.length === 0) return new Map();
    const { rows } = await runWithLists(
      this.#db,
      this.#flavor,
      'statistics.profileTypes',
      { accountSids: [accountSid], iccids: [...new Set(iccids)] },
      ({ accountSids, iccids: given }) =>
        this.#db
          .selectFrom('subscriptions')
          .select(['iccid', 'profile_type'])
          .where(this.#flavor.lists.ofAccounts(accountSids, sql.ref('iccid'), given)),
    );
    return new Map(rows.map((row) => [row.iccid, row.profile_type]));
  }

  /** The counts of one kind, by period. */
  byPeriod(
    accountSid: string,
    { unit, first, last }: Periods,
    what: StatisticsWhat,
  ): Promise<Pick<StatisticsCountRow, 'period' | 'detail' | 'count'>[]> {
    return this.#db
      .selectFrom('statistics_counts')
      .select(['period', 'detail', 'count'])
      .where('account_sid', '=', accountSid)
      .where('unit', '=', constant(unit))
      .where('period', '>=', first)
      .where('period', '<=', last)
      .where('what', '=', constant(what))
      .execute();
  }

  /** The counts of one kind over all periods, the highest first. */
  async sums(
    accountSid: string,
    { unit, first, last }: Periods,
    what: StatisticsWhat,
    limit: number,
  ): Promise<Pick<StatisticsCountRow, 'detail' | 'count'>[]> {
    return this.#db
      .selectFrom('statistics_counts')
      .select(({ fn }) => ['detail', fn.sum<number>('count').as('count')])
      .where('account_sid', '=', accountSid)
      .where('unit', '=', constant(unit))
      .where('period', '>=', first)
      .where('period', '<=', last)
      .where('what', '=', constant(what))
      .groupBy('detail')
      .orderBy(sql`sum(count)`, 'desc')
      .orderBy('detail')
      .limit(constant(limit))
      .execute();
  }

  /** The changes of status of all times. */
  allSteps(accountSid: string): Promise<Pick<StatisticsCountRow, 'detail' | 'count'>[]> {
    return this.#db
      .selectFrom('statistics_counts')
      .select(['detail', 'count'])
      .where('account_sid', '=', accountSid)
      .where('unit', '=', constant('all'))
      .where('period', '=', constant(''))
      .where('what', '=', constant('step'))
      .execute();
  }
}

function statusEvents(
  rows: (StatusEvent & Pick<EsimProfileEventRow, 'type'>)[],
  limit: number,
): StatusEvents {
  return {
    events: rows.filter(({ type }) => type === 'status'),
    last: rows.at(-1)?.sid,
    more: rows.length === limit,
  };
}
