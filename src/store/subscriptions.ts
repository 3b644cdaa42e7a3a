// The subscriptions that were imported: stock, and the profiles under order at the SM-DP+.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { finder, together } from './together.ts';
import { updateMany } from './update-many.ts';
import type { Change } from './update-many.ts';
import type { ProfileState, SubscriptionRow, Tables } from './schema.ts';

export interface StockCount {
  profile_type: string;
  state: ProfileState;
  count: number;
}

export class Subscriptions {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;
  /** ICCIDs that this transaction has claimed and not changed yet. */
  readonly #claimed = new Set<string>();
  readonly find: (accountSid: string, iccid: string) => Promise<SubscriptionRow | undefined>;
  readonly findByOrder: (
    accountSid: string,
    orderedBy: string,
  ) => Promise<SubscriptionRow | undefined>;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
    this.find = finder(db, 'subscriptions', 'iccid', soon);
    this.findByOrder = finder(db, 'subscriptions', 'ordered_by', soon);
  }

  async insertMany(rows: SubscriptionRow[]): Promise<void> {
    if (rows.length > 0) await this.#db.insertInto('subscriptions').values(rows).execute();
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

  /** One subscription in stock, the lowest ICCID first, held by this transaction alone. */
  async claimAvailable(
    accountSid: string,
    profileType: string | null,
  ): Promise<SubscriptionRow | undefined> {
    return this.#claim({ accountSid, profileType });
  }

  readonly #claim = together(
    async (asked: { accountSid: string; profileType: string | null }[]) => {
      const claimed = new Map<(typeof asked)[0], SubscriptionRow | undefined>();
      const kinds = Map.groupBy(asked, (one) => `${one.accountSid} ${one.profileType ?? ''}`);
      for (const alike of kinds.values()) {
        const rows = await this.#inStock(alike[0]!, alike.length);
        for (const [index, one] of alike.entries()) claimed.set(one, rows[index]);
      }
      return asked.map((one) => claimed.get(one));
    },
    (work) => this.#soon(work),
  );

  async #inStock(
    { accountSid, profileType }: { accountSid: string; profileType: string | null },
    count: number,
  ): Promise<SubscriptionRow[]> {
    const limit = count + this.#claimed.size;
    let available = this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('state', '=', constant('Available'))
      .orderBy('iccid')
      .limit(limit);
    if (profileType !== null) available = available.where('profile_type', '=', profileType);
    let held = await (
      this.#flavor.rowLocks ? available.forUpdate().skipLocked() : available
    ).execute();
    // What others hold may come back when their transaction fails: only then is the answer known.
    while (held.length < limit && (await available.execute()).length > held.length) {
      held = await available.forUpdate().execute();
    }
    const claimed = held.filter(({ iccid }) => !this.#claimed.has(iccid)).slice(0, count);
    for (const { iccid } of claimed) this.#claimed.add(iccid);
    return claimed;
  }

  /** Profiles that were ordered for an EID, or downloaded by it, by ICCID. */
  async findByEid(eid: string): Promise<SubscriptionRow[]> {
    return this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('eid', '=', eid)
      .orderBy('iccid')
      .execute();
  }

  /**
   * Profiles that were released at `date` or before and that nobody has downloaded, the oldest first, each
   * held by this transaction alone.
   */
  async claimReleased(date: string, limit: number): Promise<SubscriptionRow[]> {
    let query = this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('state', '=', constant('Released'))
      .where('date_released', '<=', date)
      .orderBy('date_released')
      .limit(limit);
    if (this.#flavor.rowLocks) query = query.forUpdate().skipLocked();
    return query.execute();
  }

  /**
   * Replaces what has changed of a row that was read, if it still has the state that it had then.
   * Throws `Conflict` when it has not.
   */
  async transition(read: SubscriptionRow, row: SubscriptionRow): Promise<void> {
    const { account_sid, iccid, state } = read;
    // What is not among the columns set, and the indexes over it, are left alone.
    const changed = Object.entries(row).filter(
      ([column, value]) =>
        column === 'date_updated' || value !== read[column as keyof SubscriptionRow],
    );
    await this.#transition({
      where: { account_sid, iccid, state },
      set: Object.fromEntries(changed),
    });
    this.#claimed.delete(iccid);
  }

  /**
   * Counts a download that begins. Throws `Conflict` when there were `limit`, or the row no longer has
   * the state that was read.
   */
  async countDownload(read: SubscriptionRow, limit: number, dateUpdated: string): Promise<void> {
    const { account_sid, iccid, state } = read;
    const { numAffectedRows } = await run(
      this.#db,
      'subscriptions.countDownload',
      { account_sid, iccid, state, limit, dateUpdated },
      (given) =>
        this.#db
          .updateTable('subscriptions')
          .set(({ eb }) => ({
            download_attempts: eb('download_attempts', '+', 1),
            date_updated: given.dateUpdated,
          }))
          .where('account_sid', '=', given.account_sid)
          .where('iccid', '=', given.iccid)
          .where('state', '=', given.state)
          .where('download_attempts', '<', given.limit),
    );
    if (numAffectedRows !== 1n) throw new Conflict(`${read.iccid} has changed meanwhile`);
  }

  /**
   * Counts a wrong confirmation code. Throws `Conflict` when the row no longer has the state and the number of wrong
   * codes that were read.
   */
  async countConfirmationCode(read: SubscriptionRow, dateUpdated: string): Promise<void> {
    const { account_sid, iccid, state, confirmation_code_attempts: attempts } = read;
    const { numAffectedRows } = await run(
      this.#db,
      'subscriptions.countConfirmationCode',
      { account_sid, iccid, state, attempts, dateUpdated },
      (given) =>
        this.#db
          .updateTable('subscriptions')
          .set(({ eb }) => ({
            confirmation_code_attempts: eb('confirmation_code_attempts', '+', 1),
            date_updated: given.dateUpdated,
          }))
          .where('account_sid', '=', given.account_sid)
          .where('iccid', '=', given.iccid)
          .where('state', '=', given.state)
          .where('confirmation_code_attempts', '=', given.attempts),
    );
    if (numAffectedRows !== 1n) throw new Conflict(`${iccid} has changed meanwhile`);
  }

  readonly #transition = together(
    async (changes: Change[]) => {
      const alike = Map.groupBy(changes, ({ set }) => Object.keys(set).join());
      for (const some of alike.values()) {
        const found = await updateMany(this.#db, 'subscriptions', some);
        if (found !== some.length) throw new Conflict('A subscription has another state by now');
      }
      return changes.map(() => {});
    },
    (work) => this.#soon(work),
  );

  /** How many there are of each profile type in each state. Read from indexes alone, but from all of them. */
  async summary(accountSid: string): Promise<StockCount[]> {
    const inStock = await this.#db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['profile_type', fn.countAll<number>().as('count')])
      .where('account_sid', '=', accountSid)
      .where('state', '=', constant('Available'))
      .groupBy('profile_type')
      .execute();
    const others = await this.#db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['profile_type', 'state', fn.countAll<number>().as('count')])
      .where('account_sid', '=', accountSid)
      .where('state', '<>', constant('Available'))
      .groupBy(['profile_type', 'state'])
      .execute();
    const counts = [...inStock.map((row) => ({ ...row, state: 'Available' as const })), ...others];
    const key = ({ profile_type: type, state }: StockCount) => `${type}\0${state}`;
    return counts.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
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
