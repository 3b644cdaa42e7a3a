// What the rotation of the master key needs of the database: which processes have which key, and what is sealed.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { requireMigration } from './applied-migrations.ts';
import type { Flavor } from './flavor.ts';
import { PRIMARY_KEYS } from './primary-keys.ts';
import type { KeyHolderRow, Tables } from './schema.ts';
import { updateMany } from './update-many.ts';
import type { Change } from './update-many.ts';

export type SealedTableName = keyof typeof PRIMARY_KEYS;
export type SealedRow = Record<string, string | number | null>;

/** A version of Simwright must know it to use a database whose master key is rotated. */
export const ROTATION = '044-master-keys';

/** Tables with an account that is no part of their key. */
const BY_EID: ReadonlySet<SealedTableName> = new Set(['euiccs', 'eim_operations']);

export class MasterKeys {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  async holders(): Promise<KeyHolderRow[]> {
    return this.#db.selectFrom('key_holders').selectAll().orderBy('process').execute();
  }

  /** @param forgotten holders that were not seen since then are none any more */
  async hold(row: KeyHolderRow, forgotten: string): Promise<void> {
    const { process, key_ids, seals_with, date_seen } = row;
    await this.#db
      .insertInto('key_holders')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ process, key_ids, seals_with, date_seen }),
      )
      .execute();
    await this.#db.deleteFrom('key_holders').where('date_seen', '<', forgotten).execute();
  }

  async leave(id: string): Promise<void> {
    await this.#db.deleteFrom('key_holders').where('id', '=', id).execute();
  }

  /** From now on, versions that know nothing of rotation refuse the database. */
  async refuseOlder(): Promise<void> {
    await requireMigration(this.#db, ROTATION);
  }

  async countRows(table: SealedTableName): Promise<number> {
    const { rows } = await sql<{ count: number | string }>`
      select count(*) as count from ${sql.table(table)}`.execute(this.#db);
    return Number(rows[0]!.count);
  }

  /**
   * Rows in the order of their primary key, with what in these columns is to be sealed anew; null for all else.
   * @param columns of each, whether it holds a URL in which something is sealed
   * @param mark what the current key has sealed begins with it
   */
  async sealedAfter(
    table: SealedTableName,
    columns: ReadonlyMap<string, { isUrl: boolean }>,
    mark: string,
    after: SealedRow | undefined,
    limit: number,
  ): Promise<SealedRow[]> {
    const key = PRIMARY_KEYS[table].map((column) => sql.ref(column));
    // The place of a URL is that of its account.
    const beside = BY_EID.has(table) ? [sql.ref('account_sid')] : [];
    const wanted = Array.from(columns, ([name, { isUrl }]) => {
      const column = sql.ref(name);
      const isLeft = isUrl
        ? sql`${column} like '%@%'`
        : sql`substr(${column}, 1, ${mark.length}) <> ${mark}`;
      return sql`case when ${isLeft} then ${column} end as ${column}`;
    });
    const last = after && sql.join(PRIMARY_KEYS[table].map((column) => after[column]));
    const where = last === undefined ? sql`1 = 1` : sql`(${sql.join(key)}) > (${last})`;
    const { rows } = await sql<SealedRow>`
      select ${sql.join([...key, ...beside, ...wanted])} from ${sql.table(table)}
      where ${where} order by ${sql.join(key)} limit ${limit}`.execute(this.#db);
    return rows;
  }

  /** Replaces what is as it was read. @returns how many */
  async reseal(table: SealedTableName, changes: Change[]): Promise<number> {
    const hasAccount = 'account_sid' in changes[0]!.where;
    const { lists, isSpread } = this.#flavor;
    return updateMany(this.#db, { lists, isSpread: isSpread && hasAccount }, table, changes);
  }

  /** Lets sessions that an auth token has started go on when its seal, by which they know it, becomes another. */
  async followToken(accountSid: string, before: string, digest: string): Promise<void> {
    for (const table of ['console_sessions', 'console_tickets'] as const) {
      await this.#db
        .updateTable(table)
        .set({ token_digest: digest })
        .where('account_sid', '=', accountSid)
        .where('token_digest', '=', before)
        .execute();
    }
  }
}
