// The eSIM Profiles of the accounts.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';
import { updateMany } from './update-many.ts';
import type { Change } from './update-many.ts';
import type { EsimProfileRow, Tables } from './schema.ts';

const CHANGEABLE = [
  'status',
  'iccid',
  'sim_sid',
  'eid',
  'smdp_plus_address',
  'matching_id',
  'activation_code',
  'error_code',
  'error_message',
  'confirmation_code',
  'date_updated',
  'resource',
] as const satisfies (keyof EsimProfileRow)[];
const TO_RESERVE = [constant('new'), constant('reserving')];

const bySid = (one: EsimProfileRow, other: EsimProfileRow) => (one.sid < other.sid ? -1 : 1);

export class EsimProfiles {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
  }

  readonly insert = together(
    async (rows: EsimProfileRow[]) => {
      await this.#db.insertInto('esim_profiles').values(rows).execute();
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
    // A failed one may be the newer by its SID: an older order can have waited longer.
    return rows.find(({ status }) => status !== 'failed') ?? rows.toSorted(bySid).at(-1);
  }

  async findMany(accountSid: string, sids: readonly string[]): Promise<EsimProfileRow[]> {
    return this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', sids)
      .execute();
  }

  /** The rendered resource alone. */
  async findResource(accountSid: string, sid: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('esim_profiles')
      .select('resource')
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
    return row?.resource;
  }

  /** Orders that wait for a reservation, oldest first, each held by this transaction alone. */
  async claimToReserve(limit: number): Promise<EsimProfileRow[]> {
    let query = this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('status', 'in', TO_RESERVE)
      .orderBy('sid')
      .limit(limit);
    if (this.#flavor.rowLocks) query = query.forUpdate().skipLocked();
    return query.execute();
  }

  /** Whether any order waits for a reservation. */
  async anyToReserve(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('esim_profiles')
      .select('sid')
      .where('status', 'in', TO_RESERVE)
      .orderBy('sid')
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /**
   * Replaces what has changed of a row that was read, if it still has the status that it had then.
   * Throws `Conflict` when it has not.
   */
  async transition(read: EsimProfileRow, row: EsimProfileRow): Promise<void> {
    const changed = CHANGEABLE.filter((column) => row[column] !== read[column]);
    await this.#transition({
      where: { account_sid: row.account_sid, sid: row.sid, status: read.status },
      // What is not among the columns set, and the indexes over it, are left alone.
      set: Object.fromEntries(changed.map((column) => [column, row[column]])),
    });
  }

  readonly #transition = together(
    async (changes: Change[]) => {
      const alike = Map.groupBy(changes, ({ set }) => Object.keys(set).join());
      for (const some of alike.values()) {
        const found = await updateMany(this.#db, 'esim_profiles', some);
        if (found !== some.length) throw new Conflict('An eSIM Profile has another status by now');
      }
      return changes.map(() => {});
    },
    (work) => this.#soon(work),
  );
}
