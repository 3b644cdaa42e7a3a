// The history of the eSIM Profiles. Rows are only ever added.
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';
import type { EsimProfileEventRow, Tables } from './schema.ts';

/** An event, and the rendered resource of its eSIM Profile as it is now. */
export type ToldEventRow = EsimProfileEventRow & { resource: string };

/** A part of an account's events, in the order of their SIDs. */
export interface EventRange {
  /** Exclusive. */
  after: string;
  /** Inclusive. */
  upTo?: string;
  /** Those of one eSIM Profile alone. */
  esimProfileSid?: string | undefined;
  limit: number;
}

export class EsimProfileEvents {
  readonly #db: Kysely<Tables>;
  readonly #addedTo = new Set<string>();
  readonly #soon: Soon;

  constructor(db: Kysely<Tables>, soon: Soon) {
    this.#db = db;
    this.#soon = soon;
  }

  /** The accounts whose events were added to in this transaction. */
  get addedTo(): ReadonlySet<string> {
    return this.#addedTo;
  }

  readonly insert = together(
    async (rows: EsimProfileEventRow[]) => {
      await insertRows(this.#db, 'esim_profile_events', rows);
      return rows.map((row) => void this.#addedTo.add(row.account_sid));
    },
    (work) => this.#soon(work),
  );

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

  /** In the order of `sids`; what is not there is left out. */
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

  async newestSid(accountSid: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('esim_profile_events')
      .select('sid')
      .where('account_sid', '=', accountSid)
      .orderBy('sid', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.sid;
  }

  #of(accountSid: string) {
    return this.#db
      .selectFrom('esim_profile_events')
      .selectAll()
      .where('account_sid', '=', accountSid);
  }

  /** Not by a join: a PostgreSQL that does not know its tables yet goes through all for each event. */
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
