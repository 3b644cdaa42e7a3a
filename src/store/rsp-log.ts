// ES9+ calls about eSIM Profiles that are not in the log of a session: those that did not move one on. Rows are added, and
// deleted when old.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { insertRows, runWithLists } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { RspLogRow, Tables } from './schema.ts';

export class RspLog {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  async insertMany(rows: readonly RspLogRow[]): Promise<void> {
    if (rows.length > 0) await insertRows(this.#db, this.#flavor, 'rsp_log', rows);
  }

  /** Deletes up to `limit` rows from before `date`, oldest first. @returns how many */
  async deleteBefore(date: string, limit: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('rsp_log')
      .where((row) =>
        row(
          row.refTuple('account_sid', 'esim_profile_sid', 'sid'),
          'in',
          row
            .selectFrom('rsp_log')
            .select(['account_sid', 'esim_profile_sid', 'sid'])
            .where('date_created', '<', date)
            .orderBy('date_created')
            .limit(constant(limit))
            .$asTuple('account_sid', 'esim_profile_sid', 'sid'),
        ),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
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

  /** The calls of several orders in which the device gave its TAC. */
  async models(
    accountSid: string,
    orders: readonly string[],
  ): Promise<Pick<RspLogRow, 'esim_profile_sid' | 'sid' | 'tac'>[]> {
    if (orders.length === 0) return [];
    const { rows } = await runWithLists(
      this.#db,
      this.#flavor,
      'rspLog.models',
      { accountSids: [accountSid], orders },
      ({ accountSids, orders: given }) =>
        this.#db
          .selectFrom('rsp_log')
          .select(['esim_profile_sid', 'sid', 'tac'])
          .where(this.#flavor.lists.ofAccounts(accountSids, sql.ref('esim_profile_sid'), given))
          .where('tac', 'is not', null),
    );
    return rows;
  }
}
