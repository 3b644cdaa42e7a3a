// The eSIM Profiles of the accounts.
import type { Kysely } from 'kysely';
import { claim, lockFree } from './claims.ts';
import { insertRows, run } from './compiled.ts';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { together, writtenTogether } from './together.ts';
import { updateMany } from './update-many.ts';
import type { Change } from './update-many.ts';
import type { EsimProfileRow, Tables } from './schema.ts';
import { lockValue, Whereabouts } from './whereabouts.ts';

const CHANGEABLE = [
  'status',
  'iccid',
  'sim_sid',
  'eid',
  'eid_learned',
  'generate_matching_id',
  'profile_type',
  'profile_type_learned',
  'friendly_name',
  'friendly_name_folded',
  'metadata',
  'smdp_plus_address',
  'matching_id',
  'activation_code',
  'error_code',
  'error_message',
  'confirmation_code',
  'expires_at',
  'replaced_by_sid',
  'revision',
  'date_updated',
  'resource',
] as const satisfies (keyof EsimProfileRow)[];
const TO_RESERVE = [constant('new'), constant('reserving')];
const EXPIRING = [...TO_RESERVE, constant('available')];

/** Whether an order has its ICCID; otherwise another one may have it. */
const isCurrent = ({ status, replaced_by_sid }: EsimProfileRow) =>
  status !== 'failed' && replaced_by_sid === null;

const bySid = (one: { sid: string }, other: { sid: string }) => (one.sid < other.sid ? -1 : 1);

export class EsimProfiles {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;
  readonly #transition: (change: Change) => Promise<void>;
  readonly #whereabouts: Whereabouts;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#whereabouts = new Whereabouts(db, flavor);
    this.#flavor = flavor;
    this.#soon = soon;
    this.#transition = writtenTogether((changes) => this.#change(changes), flavor, soon);
  }

  readonly insert = together(
    async (rows: EsimProfileRow[]) => {
      await insertRows(this.#db, this.#flavor, 'esim_profiles', rows);
      return rows.map(() => {});
    },
    (work) => this.#soon(work),
  );

  async find(accountSid: string, sid: string): Promise<EsimProfileRow | undefined> {
    const { rows } = await run(this.#db, 'esimProfiles.find', { accountSid, sid }, (given) =>
      this.#db
        .selectFrom('esim_profiles')
        .selectAll()
        .where('account_sid', '=', given.accountSid)
        .where('sid', '=', given.sid),
    );
    return rows[0];
  }

  /** SIDs of those that are available for these EIDs, of each at most so many, its newest; oldest first. */
  async availableFor(accountSid: string, eids: readonly string[], most: number): Promise<string[]> {
    if (eids.length === 0) return [];
    const rows = await this.#db
      .selectFrom((from) =>
        from
          .selectFrom('esim_profiles')
          .select((row) => [
            'sid',
            row.fn
              .agg<number>('row_number')
              .over((over) => over.partitionBy('eid').orderBy('sid', 'desc'))
              .as('place'),
          ])
          .where('account_sid', '=', accountSid)
          .where('status', '=', 'available')
          .where('eid', 'in', eids)
          .as('available'),
      )
      .select('sid')
      .where('place', '<=', constant(most))
      .orderBy('sid')
      .execute();
    return rows.map(({ sid }) => sid);
  }

  /** The order that an ICCID is under, or else the last that was. */
  async findByIccid(accountSid: string, iccid: string): Promise<EsimProfileRow | undefined> {
    const { rows } = await run(
      this.#db,
      'esimProfiles.findByIccid',
      { accountSid, iccid },
      (given) =>
        this.#db
          .selectFrom('esim_profiles')
          .selectAll()
          .where('account_sid', '=', given.accountSid)
          .where('iccid', '=', given.iccid),
    );
    // One that was installed, and deleted on its device, may have been replaced with the same ICCID.
    const current = rows.find(isCurrent);
    if (current !== undefined || rows.length < 2) return current ?? rows[0];
    return this.#lastReserved(accountSid, rows);
  }

  /** As `findByIccid`, of whichever account: one after the other, because the index begins with the account. */
  async findByIccidOfAny(iccid: string): Promise<EsimProfileRow | undefined> {
    const accounts = await this.#whereabouts.find('ICCID', iccid);
    if (accounts !== undefined) {
      const [account] = accounts;
      return account === undefined ? undefined : this.findByIccid(account, iccid);
    }
    const rows = await this.#db
      .selectFrom('accounts')
      .innerJoin('esim_profiles', (join) =>
        join
          .onRef('esim_profiles.account_sid', '=', 'accounts.sid')
          .on('esim_profiles.iccid', '=', iccid),
      )
      .selectAll('esim_profiles')
      .execute();
    const current = rows.find(isCurrent);
    const last = rows.toSorted(bySid).at(-1);
    if (current !== undefined || last === undefined) return current;
    return this.findByIccid(last.account_sid, iccid);
  }

  /**
   * As `findByIccidOfAny`, for an order of an account. Until this transaction ends, others that ask for the same ICCID wait.
   * Throws `Conflict` while it may be about to be another's.
   */
  async claimIccidOfAny(
    iccid: string,
    accountSid: string,
    date: string,
  ): Promise<EsimProfileRow | undefined> {
    await lockValue(this.#db, this.#flavor, `ICCID ${iccid}`);
    if (!this.#flavor.isSpread) return this.findByIccidOfAny(iccid);
    const place = { kind: 'ICCID', value: iccid } as const;
    const other = await this.#whereabouts.claim(place, accountSid, date, {
      find: (holder) => this.findByIccid(holder, iccid),
      isHeld: isCurrent,
    });
    if (other !== 'inDoubt') return other;
    throw new Conflict(`ICCID ${iccid} may be about to be of an order of another account`);
  }

  /** Not the newest by its SID: an older order can have waited longer. */
  async #lastReserved(accountSid: string, rows: EsimProfileRow[]): Promise<EsimProfileRow> {
    const reserved = await this.#db
      .selectFrom('esim_profile_events')
      .select(['sid', 'esim_profile_sid'])
      .where('account_sid', '=', accountSid)
      .where(
        'esim_profile_sid',
        'in',
        rows.map(({ sid }) => sid),
      )
      .where('type', '=', 'status')
      .where('status', '=', 'available')
      .execute();
    const last = reserved.toSorted(bySid).at(-1)?.esim_profile_sid;
    return rows.find(({ sid }) => sid === last) ?? rows.toSorted(bySid).at(-1)!;
  }

  async findMany(accountSid: string, sids: readonly string[]): Promise<EsimProfileRow[]> {
    return this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', sids)
      .execute();
  }

  /** Only the rendered resource. */
  async findResource(accountSid: string, sid: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('esim_profiles')
      .select('resource')
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
    return row?.resource;
  }

  /** Orders that nobody has downloaded and that expire at or before `date`, first to expire first. */
  async listExpired(
    date: string,
    limit: number,
  ): Promise<Pick<EsimProfileRow, 'account_sid' | 'sid'>[]> {
    return this.#db
      .selectFrom('esim_profiles')
      .select(['account_sid', 'sid'])
      .where('expires_at', '<=', date)
      .where('status', 'in', EXPIRING)
      .orderBy('expires_at')
      .limit(constant(limit))
      .execute();
  }

  /** Orders waiting for a reservation, oldest first, locked by this transaction. */
  async claimToReserve(limit: number): Promise<EsimProfileRow[]> {
    const waiting = this.#db.selectFrom('esim_profiles').where('status', 'in', TO_RESERVE);
    if (!this.#flavor.isSpread) {
      const oldest = waiting.selectAll().orderBy('sid').limit(constant(limit));
      return lockFree(oldest, this.#flavor);
    }
    const claimed = await claim({
      limit,
      find: (after: Pick<EsimProfileRow, 'account_sid' | 'sid'> | undefined, count) =>
        (after === undefined ? waiting : waiting.where('sid', '>', after.sid))
          .select(['account_sid', 'sid'])
          .orderBy('sid')
          .limit(constant(count))
          .execute(),
      placeOf: ({ account_sid }) => account_sid,
      lock: (orders) =>
        lockFree(
          waiting
            .selectAll()
            .where('account_sid', '=', orders[0]!.account_sid)
            .where(
              'sid',
              'in',
              orders.map(({ sid }) => sid),
            ),
          this.#flavor,
        ),
    });
    return claimed.toSorted(bySid);
  }

  /** Orders waiting for a reservation at a rented SM-DP+ that has not begun, oldest first. */
  async listToReserve(limit: number): Promise<EsimProfileRow[]> {
    return this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('status', 'in', TO_RESERVE)
      .where((row) =>
        row.not(
          row.exists(
            row
              .selectFrom('es2plus_tasks')
              .select('subject')
              .whereRef('es2plus_tasks.account_sid', '=', 'esim_profiles.account_sid')
              .whereRef('es2plus_tasks.subject', '=', 'esim_profiles.sid'),
          ),
        ),
      )
      .orderBy('sid')
      .limit(constant(limit))
      .execute();
  }

  /** How many orders are waiting for a reservation, up to a limit. */
  async countToReserve(limit: number): Promise<number> {
    const rows = await this.#db
      .selectFrom('esim_profiles')
      .select('sid')
      .where('status', 'in', TO_RESERVE)
      .limit(constant(limit))
      .execute();
    return rows.length;
  }

  /** Whether an order of any account, placed before another, is waiting for the reservation of this ICCID. */
  async isWantedBefore(iccid: string, sid: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('esim_profiles')
      .select('sid')
      .where('status', 'in', TO_RESERVE)
      .where('wanted_iccid', '=', iccid)
      .where('sid', '<', sid)
      .limit(constant(1))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Whether any order is waiting for a reservation. */
  async anyToReserve(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('esim_profiles')
      .select('sid')
      .where('status', 'in', TO_RESERVE)
      .orderBy('sid')
      .limit(constant(1))
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Writes the changed columns of a row, if nothing has changed it since it was read: neither its status, which never comes
   * back, nor, by its revision, anything else. Throws `Conflict` if something has.
   */
  async transition(read: EsimProfileRow, row: EsimProfileRow): Promise<void> {
    const changed = CHANGEABLE.filter((column) => row[column] !== read[column]);
    await this.#transition({
      where: {
        account_sid: row.account_sid,
        sid: row.sid,
        status: read.status,
        revision: read.revision,
      },
      // Unchanged columns are not set, which spares their indexes.
      set: Object.fromEntries(changed.map((column) => [column, row[column]])),
    });
  }

  async #change(changes: Change[]): Promise<void[]> {
    const alike = Map.groupBy(changes, ({ set }) => Object.keys(set).join());
    for (const some of alike.values()) {
      const found = await updateMany(this.#db, this.#flavor, 'esim_profiles', some);
      if (found !== some.length) throw new Conflict('An eSIM Profile has changed');
    }
    return changes.map(() => {});
  }
}
