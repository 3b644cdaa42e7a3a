// The keys of the eIM. There are few, and they are only ever added.
import type { Kysely } from 'kysely';
import type { EimKeyRow, Tables } from './schema.ts';

export class EimKeys {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** @returns false if there is one with this number */
  async insert(row: EimKeyRow): Promise<boolean> {
    const inserted = await this.#db
      .insertInto('eim_keys')
      .values(row)
      .onConflict((conflict) => conflict.columns(['role', 'number']).doNothing())
      .returning('number')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** By role, oldest first. */
  async list(): Promise<EimKeyRow[]> {
    return this.#db.selectFrom('eim_keys').selectAll().orderBy('role').orderBy('number').execute();
  }
}
