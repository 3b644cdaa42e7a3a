// Tables of events of an account, in the order of their SIDs, which listeners follow. Rows are only ever added.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import type { Soon } from './together.ts';
import { allEnded, writtenTogether } from './together.ts';
import { TooLate } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EsimProfileEventRow, EuiccEventRow, Tables } from './schema.ts';

/**
 * Listeners re-read the last half minute for events that become visible late (docs/events.md). So an event must be
 * written within the first limit after its SID was made, by the database's clock, and committed within the second
 * after that; besides, PostgreSQL lets a transaction idle for up to 15 seconds.
 */
const WRITTEN_WITHIN_MS = 5_000;
const KEPT_WITHIN_MS = 10_000;

export type EventTable = 'esim_profile_events' | 'euicc_events';

export class EventLog<Row extends EsimProfileEventRow | EuiccEventRow> {
  readonly #table: EventTable;
  readonly #db: Kysely<Tables>;
  readonly #addedTo = new Set<string>();
  readonly #flavor: Flavor;
  readonly insert: (row: Row) => Promise<void>;
  /** When the first events were written, by the process's steady clock. */
  #writtenFirst = Infinity;

  constructor(table: EventTable, db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#table = table;
    this.#db = db;
    this.#flavor = flavor;
    this.insert = writtenTogether((rows) => this.#insert(rows), flavor, soon);
  }

  /** Accounts to which this transaction added events. */
  get addedTo(): ReadonlySet<string> {
    return this.#addedTo;
  }

  async #insert(rows: Row[]): Promise<void[]> {
    this.#writtenFirst = Math.min(this.#writtenFirst, performance.now());
    const now = await this.#insertAt(rows);
    if (now !== undefined) checkAge(rows, now);
    return rows.map((row) => void this.#addedTo.add(row.account_sid));
  }

  /** @returns the database's time then, if it has a clock */
  async #insertAt(rows: Row[]): Promise<number | undefined> {
    const { time, isSpread } = this.#flavor;
    if (time === undefined || !isSpread) {
      const [now] = await insertRows(this.#db, this.#flavor, this.#table, rows as never, time);
      return now;
    }
    // The servers of the rows may have clocks of their own.
    const [, { rows: asked }] = await allEnded([
      insertRows(this.#db, this.#flavor, this.#table, rows as never),
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

  /** The SIDs alone, oldest first. */
  async sids(accountSid: string, after: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom(this.#table)
      .select('sid')
      .where('account_sid', '=', accountSid)
      .where('sid', '>', after)
      .orderBy('sid')
      .execute();
    return rows.map(({ sid }) => sid);
  }

  newestSid(accountSid: string): Promise<string | undefined> {
    return newestEventOf(this.#db, accountSid, this.#table);
  }
}

export async function newestEventOf(
  db: Kysely<Tables>,
  accountSid: string,
  table: EventTable = 'esim_profile_events',
): Promise<string | undefined> {
  const row = await db
    .selectFrom(table)
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
