// eUICCs that have shown certificates, and have yet to prove that they hold the key.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import { run } from './compiled.ts';
import type { EuiccContactRow, Tables } from './schema.ts';

export class EuiccContacts {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Pick<Flavor, 'rowLocks'>;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'rowLocks'>) {
    this.#db = db;
    this.#flavor = flavor;
  }

  async find(eid: string): Promise<EuiccContactRow | undefined> {
    const { rows } = await run(this.#db, 'euiccContacts.find', { eid }, (given) =>
      this.#db.selectFrom('euicc_contacts').selectAll().where('eid', '=', given.eid),
    );
    return rows[0];
  }

  /** By the eimTransactionId of its package, which is random. */
  async findByTransaction(transactionId: string): Promise<EuiccContactRow | undefined> {
    return this.#db
      .selectFrom('euicc_contacts')
      .selectAll()
      .where('transaction_id', '=', transactionId)
      .limit(constant(1))
      .executeTakeFirst();
  }

  async lock(eid: string): Promise<EuiccContactRow | undefined> {
    const query = this.#db.selectFrom('euicc_contacts').selectAll().where('eid', '=', eid);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  /** Instead of what was known of this EID. The range is locked. */
  async put(row: EuiccContactRow): Promise<void> {
    await this.delete(row.eid);
    await this.#db.insertInto('euicc_contacts').values(row).execute();
  }

  async delete(eid: string): Promise<void> {
    await this.#db.deleteFrom('euicc_contacts').where('eid', '=', eid).execute();
  }

  async deleteRange(eidPrefix: string): Promise<void> {
    await this.#db.deleteFrom('euicc_contacts').where('eid_prefix', '=', eidPrefix).execute();
  }

  /** How many of a range have not expired, apart from one. */
  async count(eidPrefix: string, date: string, apartFrom: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('euicc_contacts')
      .select((c) => c.fn.countAll().as('count'))
      .where('eid_prefix', '=', eidPrefix)
      .where('date_expires', '>', date)
      .where('eid', '<>', apartFrom)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Deletes up to `limit` that expired before `date`. @returns how many */
  async deleteExpired(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('euicc_contacts')
      .select('eid')
      .where('date_expires', '<', date)
      .limit(constant(limit))
      .execute();
    for (const { eid } of old) await this.delete(eid);
    return old.length;
  }
}
