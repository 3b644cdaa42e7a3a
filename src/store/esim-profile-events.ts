// The history of the eSIM Profiles. Rows are only ever added.
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';
import type { EsimProfileEventRow, Tables } from './schema.ts';

export class EsimProfileEvents {
  readonly #db: Kysely<Tables>;
  readonly #soon: Soon;

  constructor(db: Kysely<Tables>, soon: Soon) {
    this.#db = db;
    this.#soon = soon;
  }

  readonly insert = together(
    async (rows: EsimProfileEventRow[]) => {
      await insertRows(this.#db, 'esim_profile_events', rows);
      return rows.map(() => {});
    },
    (work) => this.#soon(work),
  );

  /** Oldest first. */
  async list(accountSid: string, esimProfileSid: string): Promise<EsimProfileEventRow[]> {
    return this.#db
      .selectFrom('esim_profile_events')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .orderBy('sid')
      .execute();
  }
}
