// What a rented SM-DP+ has reported, so that a repeated report is known again.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { Es2PlusReportRow, Tables } from './schema.ts';

export class Es2PlusReports {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** @returns false if the same report was taken before */
  async insert(row: Es2PlusReportRow): Promise<boolean> {
    const inserted = await this.#db
      .insertInto('es2plus_reports')
      .values(row)
      .onConflict((conflict) => conflict.columns(['account_sid', 'digest']).doNothing())
      .returning('digest')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** Deletes up to `limit` of those taken before `date`. @returns how many */
  async deleteBefore(date: string, limit: number): Promise<number> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('es2plus_reports')
      .where((row) =>
        row(
          row.refTuple('account_sid', 'digest'),
          'in',
          row
            .selectFrom('es2plus_reports')
            .select(['account_sid', 'digest'])
            .where('date_created', '<', date)
            .limit(constant(limit))
            .$asTuple('account_sid', 'digest'),
        ),
      )
      .executeTakeFirst();
    return Number(numDeletedRows);
  }
}
