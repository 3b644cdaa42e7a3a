// The history of eSIM Profiles. Rows are only ever added.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { accountsAfter } from './accounts.ts';
import { insertRows } from './compiled.ts';
import type { Soon } from './together.ts';
import { allEnded, writtenTogether } from './together.ts';
import { TooLate } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EsimProfileEventRow, Tables } from './schema.ts';

/** An event, with the current rendered resource of its eSIM Profile. */
export type ToldEventRow = EsimProfileEventRow & { resource: string };

/** A range of an account's events, ordered by SID. */
export interface EventRange {
  /** Exclusive. */
  after: string;
  /** Inclusive. */
  upTo?: string;
  /** Only those of one eSIM Profile. */
  esimProfileSid?: string | undefined;
  limit: number;
}

/**
 * Listeners re-read the last half minute for events that become visible late (docs/events.md). So an event must be
 * written within the first limit after its SID was made, by the database's clock, and committed within the second
 * after that; besides, PostgreSQL lets a transaction idle for up to 15 seconds.
 */
const WRITTEN_WITHIN_MS = 5_000;
const KEPT_WITHIN_MS = 10_000;

export class EsimProfileEvents {
  readonly #db: Kysely<Tables>;
  readonly #addedTo = new Set<string>();
  readonly #flavor: Flavor;
  readonly insert: (row: EsimProfileEventRow) => Promise<void>;
  /** When the first events were written, by the process's steady clock. */
  #writtenFirst = Infinity;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.insert = writtenTogether((rows) => this.#insert(rows), flavor, soon);
  }

  /** Accounts to which this transaction added events. */
  get addedTo(): ReadonlySet<string> {
    return this.#addedTo;
  }

  async #insert(rows: EsimProfileEventRow[]): Promise<void[]> {
    this.#writtenFirst = Math.min(this.#writtenFirst, performance.now());
    const now = await this.#insertAt(rows);
    if (now !== undefined) checkAge(rows, now);
    return rows.map((row) => void this.#addedTo.add(row.account_sid));
  }

  /** @returns the database's time then, if it has a clock */
  async #insertAt(rows: EsimProfileEventRow[]): Promise<number | undefined> {
    const { time, isSpread } = this.#flavor;
    if (time === undefined || !isSpread) {
      const [now] = await insertRows(this.#db, this.#flavor, 'esim_profile_events', rows, time);
      return now;
    }
    // The servers of the rows may have clocks of their own.
    const [, { rows: asked }] = await allEnded([
      insertRows(this.#db, this.#flavor, 'esim_profile_events', rows),
      sql<{ now: number }>`select ${time} as now`.execute(this.#db),
    ]);
    return asked[0]!.now;
  }

  /** Called before the commit. Throws `TooLate`. */
  checkKept(): void {
    // If transactions run one at a time, events become visible in the order of their SIDs.
    if (!this.#flavor.rowLocks || performance.now() < this.#writtenFirst + KEPT_WITHIN_MS) return;
    throw new TooLate('Events were written too long before the commit');
  }

  /** Oldest first. */
  async list(accountSid: string, esimProfileSid: string): Promise<EsimProfileEventRow[]> {
    return this.#of(accountSid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .orderBy('sid')
      .execute();
  }

  /** Oldest first. */
  async read(
    accountSid: string,
    { after, upTo, esimProfileSid, limit }: EventRange,
  ): Promise<ToldEventRow[]> {
    let query = this.#of(accountSid).where('sid', '>', after);
    if (upTo !== undefined) query = query.where('sid', '<=', upTo);
    if (esimProfileSid !== undefined) query = query.where('esim_profile_sid', '=', esimProfileSid);
    return this.#told(accountSid, await query.orderBy('sid').limit(limit).execute());
  }

  /** In the order of `sids`, without those that do not exist. */
  async find(accountSid: string, sids: readonly string[]): Promise<ToldEventRow[]> {
    if (sids.length === 0) return [];
    const rows = await this.#of(accountSid).where('sid', 'in', sids).execute();
    const found = new Map(rows.map((row) => [row.sid, row]));
    return this.#told(
      accountSid,
      sids.flatMap((sid) => found.get(sid) ?? []),
    );
  }

  /** The SIDs alone, oldest first. */
  async sids(accountSid: string, after: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('esim_profile_events')
      .select('sid')
      .where('account_sid', '=', accountSid)
      .where('sid', '>', after)
      .orderBy('sid')
      .execute();
    return rows.map(({ sid }) => sid);
  }

  /** SID of the newest event of all accounts. */
  newestOfAll(): Promise<string | undefined> {
    return findNewestEvent(this.#db, this.#flavor);
  }

  newestSid(accountSid: string): Promise<string | undefined> {
    return newestEventOf(this.#db, accountSid);
  }

  #of(accountSid: string) {
    return this.#db
      .selectFrom('esim_profile_events')
      .selectAll()
      .where('account_sid', '=', accountSid);
  }

  /** Without a join: without statistics, PostgreSQL would scan the whole table for each event. */
  async #told(accountSid: string, events: EsimProfileEventRow[]): Promise<ToldEventRow[]> {
    if (events.length === 0) return [];
    const sids = [...new Set(events.map((event) => event.esim_profile_sid))];
    const profiles = await this.#db
      .selectFrom('esim_profiles')
      .select(['sid', 'resource'])
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', sids)
      .execute();
    const resources = new Map(profiles.map(({ sid, resource }) => [sid, resource]));
    return events.map((event) => ({ ...event, resource: resources.get(event.esim_profile_sid)! }));
  }
}

/** SID of the newest event of all accounts. */
export async function findNewestEvent(
  db: Kysely<Tables>,
  { isSpread }: Pick<Flavor, 'isSpread'>,
): Promise<string | undefined> {
  if (isSpread) {
    let newest: string | undefined;
    for await (const account of accountsAfter(db, '')) {
      const sid = await newestEventOf(db, account);
      if (sid !== undefined && (newest === undefined || sid > newest)) newest = sid;
    }
    return newest;
  }
  const { rows } = await sql<{ sid: string | null }>`
    select max(newest) as sid from (
      select (
        select sid from esim_profile_events where account_sid = accounts.sid
        order by sid desc limit 1
      ) as newest from accounts
    ) as each_account`.execute(db);
  return rows[0]?.sid ?? undefined;
}

export async function newestEventOf(
  db: Kysely<Tables>,
  accountSid: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('esim_profile_events')
    .select('sid')
    .where('account_sid', '=', accountSid)
    .orderBy('sid', 'desc')
    .limit(constant(1))
    .executeTakeFirst();
  return row?.sid;
}

/** @param now by the database's clock. Throws `TooLate` if a SID was made too long before */
export function checkAge(rows: readonly { sid: string }[], now: number): void {
  const oldest = Math.min(...rows.map(({ sid }) => Number.parseInt(sid.slice(2, 14), 16)));
  if (now > oldest + WRITTEN_WITHIN_MS) throw new TooLate('Events are too old to be written');
}
