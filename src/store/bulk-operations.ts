// Bulk operations on eUICCs, and their items in parts.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { BulkOperationRow, BulkPartRow, Tables } from './schema.ts';

export type BulkKey = Pick<BulkOperationRow, 'account_sid' | 'sid'>;

/** Rows of parts have some KB each. */
const PARTS_AT_ONCE = 50;

export class BulkOperations {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  async insert(row: BulkOperationRow, parts: readonly BulkPartRow[]): Promise<void> {
    await this.#db.insertInto('bulk_operations').values(row).execute();
    for (let at = 0; at < parts.length; at += PARTS_AT_ONCE) {
      await this.#db
        .insertInto('bulk_parts')
        .values(parts.slice(at, at + PARTS_AT_ONCE))
        .execute();
    }
  }

  async find(key: BulkKey): Promise<BulkOperationRow | undefined> {
    return this.#byKey(key).executeTakeFirst();
  }

  /** Waits for the transaction that has locked it, and locks it until this one ends. */
  async lock(key: BulkKey): Promise<BulkOperationRow | undefined> {
    const query = this.#byKey(key);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  /** One with something to do, locked by this transaction; undefined if another one has it. */
  async claim(key: BulkKey): Promise<BulkOperationRow | undefined> {
    const query = this.#byKey(key).where('step', 'is not', null);
    return (this.#flavor.rowLocks ? query.forUpdate().skipLocked() : query).executeTakeFirst();
  }

  #byKey({ account_sid, sid }: BulkKey) {
    return this.#db
      .selectFrom('bulk_operations')
      .selectAll()
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid);
  }

  /** Those that are due, the one that has waited longest first. */
  async listDue(now: string, limit: number): Promise<BulkKey[]> {
    return this.#db
      .selectFrom('bulk_operations')
      .select(['account_sid', 'sid'])
      .where('step', 'is not', null)
      .where('date_due', '<=', now)
      .orderBy('date_due')
      .limit(constant(limit))
      .execute();
  }

  /** How many of the account have something to do. */
  async countRunning(accountSid: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('bulk_operations')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('account_sid', '=', accountSid)
      .where('step', 'is not', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Replaces columns of a row that this transaction has locked. */
  async update({ account_sid, sid }: BulkKey, columns: Partial<BulkOperationRow>): Promise<void> {
    await this.#db
      .updateTable('bulk_operations')
      .set(columns)
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid)
      .execute();
  }

  async findPart(key: BulkKey, number: number): Promise<BulkPartRow> {
    return this.#partsOf(key).where('number', '=', number).executeTakeFirstOrThrow();
  }

  /** In order, from a number on. */
  async listParts(key: BulkKey, from: number, limit: number): Promise<BulkPartRow[]> {
    return this.#partsOf(key)
      .where('number', '>=', from)
      .orderBy('number')
      .limit(constant(limit))
      .execute();
  }

  #partsOf({ account_sid, sid }: BulkKey) {
    return this.#db
      .selectFrom('bulk_parts')
      .selectAll()
      .where('account_sid', '=', account_sid)
      .where('bulk_sid', '=', sid);
  }

  /** Replaces columns of a part whose bulk operation this transaction has locked. */
  async updatePart(
    { account_sid, bulk_sid, number }: BulkPartRow,
    columns: Pick<BulkPartRow, 'errors' | 'operations'>,
  ): Promise<void> {
    await this.#db
      .updateTable('bulk_parts')
      .set(columns)
      .where('account_sid', '=', account_sid)
      .where('bulk_sid', '=', bulk_sid)
      .where('number', '=', number)
      .execute();
  }

  /** Those that ended before `date`. */
  async listEndedBefore(date: string, limit: number): Promise<BulkKey[]> {
    return this.#db
      .selectFrom('bulk_operations')
      .select(['account_sid', 'sid'])
      .where('date_ended', 'is not', null)
      .where('date_ended', '<', date)
      .limit(constant(limit))
      .execute();
  }

  /** With its items. Its operations have been deleted. */
  async delete({ account_sid, sid }: BulkKey): Promise<void> {
    await this.#db
      .deleteFrom('bulk_parts')
      .where('account_sid', '=', account_sid)
      .where('bulk_sid', '=', sid)
      .execute();
    await this.#db
      .deleteFrom('bulk_operations')
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid)
      .execute();
  }
}
