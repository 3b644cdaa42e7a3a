// Batches of orders, and their items in parts.
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { BatchPartRow, BatchRow, EsimProfileStatus, Tables } from './schema.ts';

export type BatchKey = Pick<BatchRow, 'account_sid' | 'sid'>;

export class Batches {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  async insert(row: BatchRow, parts: readonly BatchPartRow[]): Promise<void> {
    await insertRows(this.#db, this.#flavor, 'batches', [row]);
    await insertRows(this.#db, this.#flavor, 'batch_parts', parts);
  }

  async find({ account_sid, sid }: BatchKey): Promise<BatchRow | undefined> {
    return this.#byKey({ account_sid, sid }).executeTakeFirst();
  }

  /** Waits for the transaction that has locked it, and locks it until this one ends. */
  async lock(key: BatchKey): Promise<BatchRow | undefined> {
    const query = this.#byKey(key);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  /** A batch with something to do, locked by this transaction; undefined if another one has it. */
  async claim(key: BatchKey): Promise<BatchRow | undefined> {
    const query = this.#byKey(key).where('step', 'is not', null);
    return (this.#flavor.rowLocks ? query.forUpdate().skipLocked() : query).executeTakeFirst();
  }

  #byKey({ account_sid, sid }: BatchKey) {
    return this.#db
      .selectFrom('batches')
      .selectAll()
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid);
  }

  /**
   * Batches with something to do, first the one that has waited longest. Of an account's, only one at a time takes stock:
   * two that each had half of it would both fail.
   */
  async listDue(limit: number): Promise<BatchKey[]> {
    return this.#db
      .selectFrom('batches')
      .select(['account_sid', 'sid'])
      .where('step', 'is not', null)
      .where((row) =>
        row.or([
          row('step', '<>', constant('reserve')),
          row.not(
            row.exists(
              row
                .selectFrom('batches as earlier')
                .select('earlier.sid')
                .where('earlier.step', 'in', [constant('reserve'), constant('return')])
                .whereRef('earlier.account_sid', '=', 'batches.account_sid')
                .whereRef('earlier.sid', '<', 'batches.sid'),
            ),
          ),
        ]),
      )
      .orderBy('date_worked')
      .limit(constant(limit))
      .execute();
  }

  /** How many batches of the account have something to do. */
  async countRunning(accountSid: string): Promise<number> {
    const { count } = await this.#db
      .selectFrom('batches')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('account_sid', '=', accountSid)
      .where('step', 'is not', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Replaces columns of a row that this transaction has locked. */
  async update({ account_sid, sid }: BatchKey, columns: Partial<BatchRow>): Promise<void> {
    await this.#db
      .updateTable('batches')
      .set(columns)
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid)
      .execute();
  }

  async findPart({ account_sid, sid }: BatchKey, number: number): Promise<BatchPartRow> {
    return this.#partsOf({ account_sid, sid })
      .where('number', '=', number)
      .executeTakeFirstOrThrow();
  }

  /** In order, from a number on. */
  async listParts(key: BatchKey, from: number, limit: number): Promise<BatchPartRow[]> {
    return this.#partsOf(key)
      .where('number', '>=', from)
      .orderBy('number')
      .limit(constant(limit))
      .execute();
  }

  #partsOf({ account_sid, sid }: BatchKey) {
    return this.#db
      .selectFrom('batch_parts')
      .selectAll()
      .where('account_sid', '=', account_sid)
      .where('batch_sid', '=', sid);
  }

  /** Replaces columns of a part whose batch this transaction has locked. */
  async updatePart(
    { account_sid, batch_sid, number }: BatchPartRow,
    columns: Partial<BatchPartRow>,
  ): Promise<void> {
    await this.#db
      .updateTable('batch_parts')
      .set(columns)
      .where('account_sid', '=', account_sid)
      .where('batch_sid', '=', batch_sid)
      .where('number', '=', number)
      .execute();
  }

  /** Forgets the orders of the items that will not be ordered any more. */
  async dropOrders({ account_sid, sid }: BatchKey): Promise<void> {
    await this.#db
      .updateTable('batch_parts')
      .set({ orders: null })
      .where('account_sid', '=', account_sid)
      .where('batch_sid', '=', sid)
      .where('orders', 'is not', null)
      .execute();
  }

  /** How many eSIM Profiles of a batch have each status; from an index only. */
  async countStatuses({
    account_sid,
    sid,
  }: BatchKey): Promise<{ status: EsimProfileStatus; count: number }[]> {
    return this.#db
      .selectFrom('esim_profiles')
      .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
      .where('account_sid', '=', account_sid)
      .where('batch_sid', '=', sid)
      .groupBy('status')
      .execute();
  }
}
