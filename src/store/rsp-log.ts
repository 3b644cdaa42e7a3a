// The log of ES9+ calls about the eSIM Profiles. Rows are only ever added.
import type { Kysely } from 'kysely';
import type { RspLogRow, Tables } from './schema.ts';

export class RspLog {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async insertMany(rows: RspLogRow[]): Promise<void> {
    if (rows.length > 0) await this.#db.insertInto('rsp_log').values(rows).execute();
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
