// The history of eSIM Profiles. Rows are only ever added.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { accountsAfter } from './accounts.ts';
import { EventLog, newestEventOf } from './event-log.ts';
import type { EventTable } from './event-log.ts';
import type { Soon } from './together.ts';
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
  /** Only those of one eSIM Profile, or eUICC. */
  of?: string | undefined;
  limit: number;
}

export class EsimProfileEvents {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #log: EventLog<EsimProfileEventRow>;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#log = new EventLog('esim_profile_events', db, flavor, soon);
  }

  /** Accounts to which this transaction added events. */
  get addedTo(): ReadonlySet<string> {
    return this.#log.addedTo;
  }

  insert(row: EsimProfileEventRow): Promise<void> {
    return this.#log.insert(row);
  }

  /** Called before the commit. Throws `TooLate`. */
  checkKept(): void {
    this.#log.checkKept();
  }

  /** Oldest first. */
  async list(accountSid: string, esimProfileSid: string): Promise<EsimProfileEventRow[]> {
    return this.#of(accountSid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .orderBy('sid')
      .execute();
  }

  /** Oldest first. */
  async read(accountSid: string, { after, upTo, of, limit }: EventRange): Promise<ToldEventRow[]> {
    let query = this.#of(accountSid).where('sid', '>', after);
    if (upTo !== undefined) query = query.where('sid', '<=', upTo);
    if (of !== undefined) query = query.where('esim_profile_sid', '=', of);
    return this.#told(accountSid, await query.orderBy('sid').limit(limit).execute());
  }

  /** Only what tells which eSIM Profiles have changed, oldest first. */
  async readBriefly(
    accountSid: string,
    after: string,
    limit: number,
  ): Promise<Pick<EsimProfileEventRow, 'sid' | 'esim_profile_sid' | 'type'>[]> {
    return this.#db
      .selectFrom('esim_profile_events')
      .select(['sid', 'esim_profile_sid', 'type'])
      .where('account_sid', '=', accountSid)
      .where('sid', '>', after)
      .orderBy('sid')
      .limit(constant(limit))
      .execute();
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
  sids(accountSid: string, after: string): Promise<string[]> {
    return this.#log.sids(accountSid, after);
  }

  /** As `findNewestSid`. */
  newestOfAll(): Promise<string | undefined> {
    return findNewestSid(this.#db, this.#flavor);
  }

  newestSid(accountSid: string): Promise<string | undefined> {
    return this.#log.newestSid(accountSid);
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

/** The newest SID of what is told, or sealed, in the order of SIDs: an event or an entry of the audit log, of any account. */
export async function findNewestSid(
  db: Kysely<Tables>,
  flavor: Pick<Flavor, 'isSpread'>,
): Promise<string | undefined> {
  const { rows } = await sql<{ sid: string | null }>`
    select max(sid) as sid from audit_entries`.execute(db);
  const found = [
    rows[0]?.sid ?? undefined,
    await findNewestOf('esim_profile_events', db, flavor),
    await findNewestOf('euicc_events', db, flavor),
  ].filter((sid) => sid !== undefined);
  return found.toSorted((a, b) => (a.slice(2) < b.slice(2) ? -1 : 1)).at(-1);
}

async function findNewestOf(
  table: EventTable,
  db: Kysely<Tables>,
  { isSpread }: Pick<Flavor, 'isSpread'>,
): Promise<string | undefined> {
  if (isSpread) {
    let newest: string | undefined;
    for await (const account of accountsAfter(db, '')) {
      const sid = await newestEventOf(db, account, table);
      if (sid !== undefined && (newest === undefined || sid > newest)) newest = sid;
    }
    return newest;
  }
  const { rows } = await sql<{ sid: string | null }>`
    select max(newest) as sid from (
      select (
        select sid from ${sql.table(table)} where account_sid = accounts.sid
        order by sid desc limit 1
      ) as newest from accounts
    ) as each_account`.execute(db);
  return rows[0]?.sid ?? undefined;
}
