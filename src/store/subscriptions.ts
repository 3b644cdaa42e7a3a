// Imported subscriptions: the stock, and the ordered profiles at the SM-DP+.
import type { Kysely } from 'kysely';
import { claim, lockFree } from './claims.ts';
import { insertRows, run } from './compiled.ts';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { allEnded, finder, together, writtenTogether } from './together.ts';
import { updateMany } from './update-many.ts';
import type { Change } from './update-many.ts';
import type { ProfileState, SubscriptionRow, Tables, WhereaboutsRow } from './schema.ts';
import { lockValue, Whereabouts } from './whereabouts.ts';

/** Columns that transactions add to without a change of the state. */
const COUNTED = ['download_attempts', 'confirmation_code_attempts'];

export class Subscriptions {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;
  readonly #transition: (change: Change) => Promise<void>;
  readonly #whereabouts: Whereabouts;
  /** ICCIDs that this transaction has claimed but not yet changed. */
  readonly #claimed = new Set<string>();
  /** MatchingIDs that this transaction has asked for: whether it gets one is known when it ends. */
  readonly #matchingIds = new Set<string>();
  /** What this transaction has taken from stock. */
  readonly #taken = new Map<string, Taken>();
  /** Of rows that were taken. */
  readonly #writes: Promise<void>[] = [];
  readonly find: (accountSid: string, iccid: string) => Promise<SubscriptionRow | undefined>;
  readonly findByOrder: (
    accountSid: string,
    orderedBy: string,
  ) => Promise<SubscriptionRow | undefined>;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
    this.#transition = writtenTogether((changes) => this.#change(changes), flavor, soon);
    this.#whereabouts = new Whereabouts(db, flavor);
    const find = finder(db, flavor, 'subscriptions', 'iccid', soon);
    this.find = async (accountSid, iccid) =>
      this.#taken.get(keyOf({ account_sid: accountSid, iccid }))?.row ?? find(accountSid, iccid);
    this.findByOrder = finder(db, flavor, 'subscriptions', 'ordered_by', soon);
  }

  async insertMany(rows: SubscriptionRow[]): Promise<void> {
    if (rows.length === 0) return;
    await insertRows(this.#db, this.#flavor, 'subscriptions', rows);
    await this.#whereabouts.add(rows.flatMap((row) => placesOf(row, row)));
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

  /** The subscription in stock with the lowest ICCID, locked by this transaction. */
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
      .limit(constant(limit));
    if (profileType !== null) available = available.where('profile_type', '=', profileType);
    let held = await lockFree(available, this.#flavor);
    // Rows locked by other transactions may become available if those fail, so wait for them.
    while (held.length < limit && (await available.execute()).length > held.length) {
      held = await available.forUpdate().execute();
    }
    const claimed = held.filter(({ iccid }) => !this.#claimed.has(iccid)).slice(0, count);
    for (const row of claimed) {
      this.#claimed.add(row.iccid);
      this.#taken.set(keyOf(row), { row, written: row });
    }
    return claimed;
  }

  /** Profiles ordered for, or downloaded by, an EID, sorted by ICCID. */
  async findByEid(eid: string): Promise<SubscriptionRow[]> {
    const query = this.#db
      .selectFrom('subscriptions')
      .selectAll()
      .where('eid', '=', eid)
      .orderBy('iccid');
    const accounts = await this.#whereabouts.find('EID', eid);
    if (accounts === undefined) return query.execute();
    const found = await Promise.all(
      accounts.map((account) => query.where('account_sid', '=', account).execute()),
    );
    return found.flat().toSorted(byIccid);
  }

  /**
   * Whether no order of any account, pending or ended, has this MatchingID, so that an account can have it. Until this
   * transaction ends, others that ask for the same MatchingID wait. Throws `Conflict` if it has asked for it already.
   */
  async claimMatchingId(matchingId: string, accountSid: string, date: string): Promise<boolean> {
    if (this.#matchingIds.has(matchingId)) {
      throw new Conflict(`two orders of one transaction want the MatchingID ${matchingId}`);
    }
    this.#matchingIds.add(matchingId);
    await lockValue(this.#db, this.#flavor, `MatchingID ${matchingId}`);
    const having = this.#db
      .selectFrom('subscriptions')
      .select('iccid')
      .where('matching_id', '=', matchingId)
      .where('matching_id', '<>', constant(''))
      .limit(constant(1));
    if (!this.#flavor.isSpread) return (await having.executeTakeFirst()) === undefined;
    const place = { kind: 'matching ID', value: matchingId } as const;
    const found = await this.#whereabouts.claim(place, accountSid, date, {
      find: (holder) => having.where('account_sid', '=', holder).executeTakeFirst(),
      isHeld: () => true,
    });
    return found === undefined;
  }

  /** Profiles released at or before `date` and not downloaded, oldest first, locked by this transaction. */
  async claimReleased(date: string, limit: number): Promise<SubscriptionRow[]> {
    const over = this.#db
      .selectFrom('subscriptions')
      .where('state', '=', constant('Released'))
      .where('date_released', '<=', date);
    return claim({
      limit,
      find: (
        after: Pick<SubscriptionRow, 'account_sid' | 'iccid' | 'date_released'> | undefined,
        count,
      ) =>
        (after === undefined
          ? over
          : over.where((row) =>
              row(
                row.refTuple('date_released', 'account_sid', 'iccid'),
                '>',
                row.tuple(after.date_released, after.account_sid, after.iccid),
              ),
            )
        )
          .select(['account_sid', 'iccid', 'date_released'])
          .orderBy('date_released')
          .orderBy('account_sid')
          .orderBy('iccid')
          .limit(constant(count))
          .execute(),
      placeOf: ({ account_sid }) => account_sid,
      lock: (profiles) =>
        lockFree(
          over
            .selectAll()
            .where('account_sid', '=', profiles[0]!.account_sid)
            .where(
              'iccid',
              'in',
              profiles.map(({ iccid }) => iccid),
            ),
          this.#flavor,
        ),
    });
  }

  /**
   * Writes the changed columns of a row, if its state and its order are still those that were read. Throws `Conflict`
   * if not.
   */
  async transition(read: SubscriptionRow, row: SubscriptionRow): Promise<void> {
    const taken = this.#taken.get(keyOf(row));
    if (taken?.row === read) return this.#changeTaken(taken, row);
    this.#taken.delete(keyOf(row));
    await this.#write(read, row);
  }

  /** What is changed about it in one go is written at once. Nobody waits for that: it cannot be in conflict. */
  #changeTaken(taken: Taken, row: SubscriptionRow): void {
    const isToBeWritten = taken.row !== taken.written;
    taken.row = row;
    if (isToBeWritten) return;
    const write = this.#writeTaken(taken);
    write.catch(() => {});
    this.#writes.push(write);
  }

  async #writeTaken(taken: Taken): Promise<void> {
    await new Promise<void>((resolve) => this.#soon(resolve));
    const { written, row } = taken;
    taken.written = row;
    await this.#write(written, row);
  }

  /** Called when the transaction's work has ended, well or not. Throws what `transition` has not thrown. */
  async allWritten(): Promise<void> {
    await allEnded(this.#writes);
  }

  async #write(read: SubscriptionRow, row: SubscriptionRow): Promise<void> {
    const change = changeOf(read, row);
    const places = this.#flavor.isSpread ? placesOf(row, change.set) : [];
    if (places.length > 0) await this.#addPlaces(places);
    await this.#transition(change);
    this.#claimed.delete(row.iccid);
  }

  /**
   * Counts the start of a download. Throws `Conflict` if `limit` is reached, or the state or the order has changed since
   * the read.
   */
  async countDownload(read: SubscriptionRow, limit: number, dateUpdated: string): Promise<void> {
    await this.#count('download_attempts', read, ['<', limit], dateUpdated);
  }

  /**
   * Counts a wrong confirmation code. Throws `Conflict` if the state, the order or the count has changed since the
   * read.
   */
  async countConfirmationCode(read: SubscriptionRow, dateUpdated: string): Promise<void> {
    const attempts = read.confirmation_code_attempts;
    await this.#count('confirmation_code_attempts', read, ['=', attempts], dateUpdated);
  }

  /** Of an order as it was read, if its count compares so. */
  async #count(
    column: 'download_attempts' | 'confirmation_code_attempts',
    { account_sid, iccid, state, ordered_by, order_number }: SubscriptionRow,
    [comparison, attempts]: ['<' | '=', number],
    dateUpdated: string,
  ): Promise<void> {
    const { numAffectedRows } = await run(
      this.#db,
      `subscriptions.count ${column}`,
      { account_sid, iccid, state, ordered_by, order_number, attempts, dateUpdated },
      (given) =>
        this.#db
          .updateTable('subscriptions')
          .set(({ eb }) => ({
            [column]: eb(column, '+', 1),
            date_updated: given.dateUpdated,
          }))
          .where('account_sid', '=', given.account_sid)
          .where('iccid', '=', given.iccid)
          .where('state', '=', given.state)
          .where('ordered_by', '=', given.ordered_by)
          .where('order_number', '=', given.order_number)
          .where(column, comparison, given.attempts),
    );
    if (numAffectedRows !== 1n) throw new Conflict(`${iccid} was changed by another transaction`);
    this.#taken.delete(keyOf({ account_sid, iccid }));
  }

  readonly #addPlaces = together(
    async (places: WhereaboutsRow[][]) => {
      await this.#whereabouts.add(places.flat());
      return places.map(() => {});
    },
    (work) => this.#soon(work),
  );

  async #change(changes: Change[]): Promise<void[]> {
    const alike = Map.groupBy(changes, ({ where, set }) =>
      [where, set].map((values) => Object.keys(values).join()).join(' '),
    );
    for (const some of alike.values()) {
      const found = await updateMany(this.#db, this.#flavor, 'subscriptions', some);
      if (found !== some.length) throw new Conflict('The state of a subscription has changed');
    }
    return changes.map(() => {});
  }

  /** Sorted by ICCID, starting after `after`. */
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
      .limit(constant(1))
      .executeTakeFirst();
    return row?.iccid;
  }
}

/** A row that this transaction has locked when it read it, so that nobody else changes it. */
interface Taken {
  row: SubscriptionRow;
  /** As it is in the database. */
  written: SubscriptionRow;
}

function changeOf(read: SubscriptionRow, row: SubscriptionRow): Change {
  const { account_sid, iccid, state, ordered_by, order_number } = read;
  const isEnd = row.ordered_by === null;
  // Unchanged columns are not set, which spares their indexes. Another transaction may have counted since the read.
  const set: Change['set'] = {};
  for (const column of Object.keys(row) as (keyof SubscriptionRow)[]) {
    const isSame = column !== 'date_updated' && row[column] === read[column];
    if (!isSame || (isEnd && COUNTED.includes(column))) set[column] = row[column];
  }
  const order = ordered_by === null ? {} : { ordered_by };
  return { where: { account_sid, iccid, state, order_number, ...order }, set };
}

const keyOf = ({ account_sid, iccid }: Pick<SubscriptionRow, 'account_sid' | 'iccid'>) =>
  `${account_sid} ${iccid}`;

const byIccid = (one: SubscriptionRow, other: SubscriptionRow) =>
  one.iccid < other.iccid ? -1 : 1;

/** By what a device finds a profile. @param changed its columns that have changed */
function placesOf(
  { account_sid, date_updated }: SubscriptionRow,
  { matching_id: matchingId, eid }: Partial<SubscriptionRow>,
): WhereaboutsRow[] {
  const place = { account_sid, date_created: date_updated };
  return [
    ...(matchingId == null || matchingId === ''
      ? []
      : [{ ...place, kind: 'matching ID' as const, value: matchingId, holder: '' }]),
    ...(eid == null ? [] : [{ ...place, kind: 'EID' as const, value: eid, holder: account_sid }]),
  ];
}
