// The log of ES9+ calls about the eSIM Profiles. Rows are only ever added.
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import type { RspLogRow, Tables } from './schema.ts';

export class RspLog {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async insertMany(rows: RspLogRow[]): Promise<void> {
    if (rows.length > 0) await insertRows(this.#db, 'rsp_log', rows);
  }

  /** Oldest first. */
  async list(accountSid: string, esimProfileSid: string): Promise<RspLogRow[]> {
    return this.#db
      .selectFrom('rsp_log')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .orderBy('sid')
      .execute();
  }
}
