// The subscriptions that were imported: stock, and the SM-DP+'s order book.
import type { Kysely } from 'kysely';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { ProfileState, SubscriptionRow, Tables } from './schema.ts';

export interface StockCount {
  profile_type: string;
  state: ProfileState;
  count: number;
}

export class Subscriptions {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  async insertMany(rows: SubscriptionRow[]): Promise<void> {
    if (rows.length > 0) await this.#db.insertInto('subscriptions').values(rows).execute();
  }

  async find(accountSid: string, iccid: string): Promise<SubscriptionRow | undefined> {
    return this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('iccid', '=', iccid)
      .executeTakeFirst();
  }

  async findMany(accountSid: string, iccids: string[]): Promise<SubscriptionRow[]> {
    if (iccids.length === 0) return [];
    return this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('iccid', 'in', iccids)
      .execute();
  }

  async findByOrder(accountSid: string, orderedBy: string): Promise<SubscriptionRow | undefined> {
    return this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('ordered_by', '=', orderedBy)
      .executeTakeFirst();
  }

  /** One subscription in stock, the lowest ICCID first, held by this transaction alone. */
  async claimAvailable(
    accountSid: string,
    profileType: string | null,
  ): Promise<SubscriptionRow | undefined> {
    let available = this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('state', '=', constant('Available'))
      .orderBy('iccid')
      .limit(1);
    if (profileType !== null) available = available.where('profile_type', '=', profileType);
    if (!this.#flavor.rowLocks) return available.executeTakeFirst();
    for (;;) {
      const free = await available.forUpdate().skipLocked().executeTakeFirst();
      if (free !== undefined) return free;
      // What others hold may come back when their transaction fails: only then is the answer known.
      if ((await available.executeTakeFirst()) === undefined) return undefined;
      const released = await available.forUpdate().executeTakeFirst();
      if (released !== undefined) return released;
    }
  }

  /** Replaces a row that still has the state `from`. Throws `Conflict` when it has not. */
  async transition(from: ProfileState, row: SubscriptionRow): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable('subscriptions')
      .set({
        state: row.state,
        eid: row.eid,
        matching_id: row.matching_id,
        ordered_by: row.ordered_by,
        date_updated: row.date_updated,
      })
      .where('account_sid', '=', row.account_sid)
      .where('iccid', '=', row.iccid)
      .where('state', '=', from)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) throw new Conflict(`${row.iccid} is not ${from} any more`);
  }

  /** How many there are of each profile type in each state. */
  async summary(accountSid: string): Promise<StockCount[]> {
    const rows = await this.#db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['profile_type', 'state', fn.countAll<number>().as('count')])
      .where('account_sid', '=', accountSid)
      .groupBy(['profile_type', 'state'])
      .orderBy('profile_type')
      .orderBy('state')
      .execute();
    return rows;
  }

  /** By ICCID, from the one after `after` on. */
  async list(
    accountSid: string,
    { state, after, limit }: { state?: ProfileState; after?: string; limit: number },
  ): Promise<SubscriptionRow[]> {
    let query = this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('iccid')
      .limit(limit);
    if (state !== undefined) query = query.where('state', '=', state);
    if (after !== undefined) query = query.where('iccid', '>', after);
    return query.execute();
  }

  /** The highest ICCID that begins with `prefix`. */
  async lastIccid(accountSid: string, prefix: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('subscriptions')
      .select('iccid')
      .where('account_sid', '=', accountSid)
      .where('iccid', '>=', prefix)
      .where('iccid', '<', `${prefix}:`)
      .orderBy('iccid', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row?.iccid;
  }
}
