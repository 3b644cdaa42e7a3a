// The eSIM Profiles of the accounts.
import type { Kysely } from 'kysely';
import { insertRows, run } from './compiled.ts';
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

  /** Orders waiting for a reservation, oldest first, locked by this transaction. */
  async claimToReserve(limit: number): Promise<EsimProfileRow[]> {
    let query = this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('status', 'in', TO_RESERVE)
      .orderBy('sid')
      .limit(constant(limit));
    if (this.#flavor.rowLocks) query = query.forUpdate().skipLocked();
    return query.execute();
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

  /** Writes the changed columns of a row, if its status is still the one that was read. Throws `Conflict` if not. */
  async transition(read: EsimProfileRow, row: EsimProfileRow): Promise<void> {
    const changed = CHANGEABLE.filter((column) => row[column] !== read[column]);
    await this.#transition({
      where: { account_sid: row.account_sid, sid: row.sid, status: read.status },
      // Unchanged columns are not set, which spares their indexes.
      set: Object.fromEntries(changed.map((column) => [column, row[column]])),
    });
  }

  readonly #transition = together(
    async (changes: Change[]) => {
      const alike = Map.groupBy(changes, ({ set }) => Object.keys(set).join());
      for (const some of alike.values()) {
        const found = await updateMany(this.#db, this.#flavor, 'esim_profiles', some);
        if (found !== some.length) throw new Conflict('The status of an eSIM Profile has changed');
      }
      return changes.map(() => {});
    },
    (work) => this.#soon(work),
  );
}
