// The eSIM Profiles of the accounts.
import type { Kysely } from 'kysely';
import { Conflict } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import { together } from './together.ts';
import { updateMany } from './update-many.ts';
import type { Change } from './update-many.ts';
import type { EsimProfileRow, EsimProfileStatus, Tables } from './schema.ts';

const TO_RESERVE = [constant('new'), constant('reserving')];

export class EsimProfiles {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  readonly insert = together(async (rows: EsimProfileRow[]) => {
    await this.#db.insertInto('esim_profiles').values(rows).execute();
    return rows.map(() => {});
  });

  async find(accountSid: string, sid: string): Promise<EsimProfileRow | undefined> {
    return this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
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

  /** Replaces what may change of a row that still has the status `from`. Throws `Conflict` when it has not. */
  async transition(from: EsimProfileStatus, row: EsimProfileRow): Promise<void> {
    await this.#transition({
      where: { account_sid: row.account_sid, sid: row.sid, status: from },
      set: {
        status: row.status,
        iccid: row.iccid,
        sim_sid: row.sim_sid,
        eid: row.eid,
        smdp_plus_address: row.smdp_plus_address,
        matching_id: row.matching_id,
        activation_code: row.activation_code,
        error_code: row.error_code,
        error_message: row.error_message,
        confirmation_code: row.confirmation_code,
        date_updated: row.date_updated,
        resource: row.resource,
      },
    });
  }

  readonly #transition = together(async (changes: Change[]) => {
    const found = await updateMany(this.#db, 'esim_profiles', changes);
    if (found !== changes.length) throw new Conflict('An eSIM Profile has another status by now');
    return changes.map(() => {});
  });
}
