// eUICCs of the eIM, by their EIDs, which are unique over all accounts.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import { AlreadyExists } from './errors.ts';
import type { Flavor } from './flavor.ts';
import type { EuiccRow, Tables } from './schema.ts';

export class Euiccs {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Pick<Flavor, 'rowLocks'>;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'rowLocks'>) {
    this.#db = db;
    this.#flavor = flavor;
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

  async delete(eid: string): Promise<void> {
    await this.#db.deleteFrom('euiccs').where('eid', '=', eid).execute();
  }
}
