// eUICCs of the eIM, by their EIDs, which are unique over all accounts.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { run, runWithLists } from './compiled.ts';
import { AlreadyExists } from './errors.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EuiccRow, Tables } from './schema.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';

/** What a poll asks: the eUICC, and whether it has something to do. */
export type PolledEuicc = EuiccRow & { has_work: 0 | 1 };

export class Euiccs {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  /** @param eid in upper case; those of concurrent polls are read by one query */
  readonly polled: (eid: string) => Promise<PolledEuicc | undefined>;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.polled = together((eids: string[]) => this.#readPolled(eids), soon);
  }

  async #readPolled(asked: string[]): Promise<(PolledEuicc | undefined)[]> {
    const given = { eids: [...new Set(asked)] };
    const { rows } = await runWithLists(
      this.#db,
      this.#flavor,
      'euiccs.polled',
      given,
      ({ eids }) =>
        this.#db
          .selectFrom('euiccs')
          .selectAll()
          .select(
            sql<0 | 1>`case when exists (select 1 from eim_operations
            where eim_operations.eid = euiccs.eid and date_ended is null) then 1 else 0 end`.as(
              'has_work',
            ),
          )
          .where(this.#flavor.lists.among(sql.ref('euiccs.eid'), eids)),
    );
    const found = new Map(rows.map((row) => [row.eid, row]));
    return asked.map((eid) => found.get(eid));
  }

  /** Throws `AlreadyExists` if the EID is registered, in whichever account. */
  async insert(row: EuiccRow): Promise<void> {
    const inserted = await this.#db
      .insertInto('euiccs')
      .values(row)
      .onConflict((conflict) => conflict.column('eid').doNothing())
      .returning('eid')
      .executeTakeFirst();
    if (inserted === undefined) throw new AlreadyExists(`eUICC ${row.eid} exists`);
  }

  /** @param eid in upper case */
  async find(eid: string): Promise<EuiccRow | undefined> {
    const { rows } = await run(this.#db, 'euiccs.find', { eid }, (given) =>
      this.#db.selectFrom('euiccs').selectAll().where('eid', '=', given.eid),
    );
    return rows[0];
  }

  /** @param eids in upper case */
  async findMany(eids: readonly string[]): Promise<EuiccRow[]> {
    if (eids.length === 0) return [];
    return this.#db.selectFrom('euiccs').selectAll().where('eid', 'in', eids).execute();
  }

  /** @returns the EIDs that were free, and are registered now */
  async insertMany(rows: readonly EuiccRow[]): Promise<Set<string>> {
    const inserted = await this.#db
      .insertInto('euiccs')
      .values(rows)
      .onConflict((conflict) => conflict.column('eid').doNothing())
      .returning('eid')
      .execute();
    return new Set(inserted.map(({ eid }) => eid));
  }

  async findBySid(accountSid: string, sid: string): Promise<EuiccRow | undefined> {
    return this.#db
      .selectFrom('euiccs')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** Until the end of the transaction, nobody else hands it a package, or takes a result of it. */
  async lock(eid: string): Promise<EuiccRow | undefined> {
    const query = this.#db.selectFrom('euiccs').selectAll().where('eid', '=', eid);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  /** Of one that this transaction has locked. */
  async update(
    eid: string,
    changed: Partial<Omit<EuiccRow, 'eid' | 'account_sid' | 'sid' | 'date_created'>>,
  ): Promise<void> {
    await this.#db.updateTable('euiccs').set(changed).where('eid', '=', eid).execute();
  }

  /** Registered before a time, and whose orders of before that were not looked at; oldest first. */
  async withOrdersDue(
    before: string,
    limit: number,
  ): Promise<Pick<EuiccRow, 'eid' | 'account_sid'>[]> {
    return this.#db
      .selectFrom('euiccs')
      .select(['eid', 'account_sid'])
      .where('orders_due', '<', before)
      .orderBy('orders_due')
      .limit(constant(limit))
      .execute();
  }

  /** The orders of these eUICCs of an account were looked at. */
  async ordersLookedAt(accountSid: string, eids: readonly string[]): Promise<void> {
    if (eids.length === 0) return;
    await this.#db
      .updateTable('euiccs')
      .set({ orders_due: null })
      .where('eid', 'in', eids)
      .where('account_sid', '=', accountSid)
      .where('orders_due', 'is not', null)
      .execute();
  }

  async delete(eid: string): Promise<void> {
    await this.#db.deleteFrom('euiccs').where('eid', '=', eid).execute();
  }
}
