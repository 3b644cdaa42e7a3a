// Thresholds of the stock, by profile type.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { StockThresholdRow, Tables } from './schema.ts';

export class StockThresholds {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(accountSid: string, profileType: string): Promise<StockThresholdRow | undefined> {
    return this.#db
      .selectFrom('stock_thresholds')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('profile_type', '=', profileType)
      .executeTakeFirst();
  }

  /** By profile type, in alphabetical order; also those that were removed. */
  async list(accountSid: string): Promise<StockThresholdRow[]> {
    return this.#db
      .selectFrom('stock_thresholds')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('profile_type')
      .execute();
  }

  /** Those of all accounts that are set, after one, up to `limit`. */
  async listSet(
    after: Pick<StockThresholdRow, 'account_sid' | 'profile_type'>,
    limit: number,
  ): Promise<(StockThresholdRow & { threshold: number })[]> {
    const rows = await this.#db
      .selectFrom('stock_thresholds')
      .selectAll()
      .where('threshold', 'is not', null)
      .where((row) =>
        row(
          row.refTuple('account_sid', 'profile_type'),
          '>',
          row.tuple(after.account_sid, after.profile_type),
        ),
      )
      .orderBy('account_sid')
      .orderBy('profile_type')
      .limit(constant(limit))
      .execute();
    return rows as (StockThresholdRow & { threshold: number })[];
  }

  /** Adds a row, or replaces all but its SID, its state and when it was made. */
  async set(row: StockThresholdRow): Promise<void> {
    const { threshold, callback_url, callback_method, date_updated } = row;
    await this.#db
      .insertInto('stock_thresholds')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['account_sid', 'profile_type'])
          .doUpdateSet({ threshold, callback_url, callback_method, date_updated }),
      )
      .execute();
  }

  /** @returns false if it is no longer as it was read */
  async changeState(
    read: StockThresholdRow,
    state: StockThresholdRow['state'],
    dateUpdated: string,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('stock_thresholds')
      .set({ state, date_updated: dateUpdated })
      .where('account_sid', '=', read.account_sid)
      .where('profile_type', '=', read.profile_type)
      .where('state', '=', read.state)
      .where('threshold', '=', read.threshold)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }
}
