import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { Tables } from './schema.ts';

/** A setting whose value is replaced with every change of some tables, so that others notice by reading one row. */
export class ChangeToken {
  readonly #db: Kysely<Tables>;
  readonly #name: string;

  constructor(db: Kysely<Tables>, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** @returns undefined before the first change */
  async read(): Promise<string | undefined> {
    const { rows } = await run(this.#db, 'changeToken.read', { name: this.#name }, (given) =>
      this.#db.selectFrom('settings').select('value').where('name', '=', given.name),
    );
    return rows[0]?.value;
  }

  /** Called before each change, to make concurrent transactions wait for each other here and nowhere else. */
  async replace(): Promise<void> {
    const value = randomUUID();
    await this.#db
      .insertInto('settings')
      .values({ name: this.#name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
  }
}
