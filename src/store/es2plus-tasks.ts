// What is under way at a rented SM-DP+: at most one task for each order, or item of a batch, and the calls of each.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Es2PlusCallRow, Es2PlusTaskRow, Tables } from './schema.ts';

type TaskKey = Pick<Es2PlusTaskRow, 'account_sid' | 'subject'>;

export class Es2PlusTasks {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /** @returns false if its subject has one already */
  async insert(row: Es2PlusTaskRow): Promise<boolean> {
    const inserted = await this.#db
      .insertInto('es2plus_tasks')
      .values(row)
      .onConflict((conflict) => conflict.columns(['account_sid', 'subject']).doNothing())
      .returning('subject')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  async find({ account_sid, subject }: TaskKey): Promise<Es2PlusTaskRow | undefined> {
    return this.#db
      .selectFrom('es2plus_tasks')
      .selectAll()
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .executeTakeFirst();
  }

  /** Keeps it as it was read, until the transaction ends. @returns false if it has become another, or somebody else has it */
  async lock({ account_sid, subject, due_at, kind }: Es2PlusTaskRow): Promise<boolean> {
    const query = this.#db
      .selectFrom('es2plus_tasks')
      .select('subject')
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .where('due_at', '=', due_at)
      .where('kind', '=', kind);
    const row = await (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
    return row !== undefined;
  }

  /** Those that nobody works on and that wait no longer, first the one that is due longest. */
  async listDue(now: string, limit: number): Promise<Es2PlusTaskRow[]> {
    return (
      this.#db
        .selectFrom('es2plus_tasks')
        .selectAll()
        .where('due_at', '<=', now)
        // A batch's job takes up those of its items.
        .where('kind', 'not in', [constant('hold'), constant('return')])
        .orderBy('due_at')
        .limit(constant(limit))
        .execute()
    );
  }

  /** Whether an order is being reserved. */
  async anyReserving(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('es2plus_tasks')
      .select('subject')
      .where('kind', '=', constant('reserve'))
      .limit(constant(1))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Reservations that have waited since before `date`, up to a limit. */
  async listWaitingSince(date: string, limit: number): Promise<Es2PlusTaskRow[]> {
    return this.#db
      .selectFrom('es2plus_tasks')
      .selectAll()
      .where('kind', '=', constant('reserve'))
      .where('attempts', '>', constant(0))
      .where('date_created', '<=', date)
      .limit(constant(limit))
      .execute();
  }

  /** How many there are, up to a limit. */
  async countUpTo(limit: number): Promise<number> {
    const rows = await this.#db
      .selectFrom('es2plus_tasks')
      .select('subject')
      .limit(constant(limit))
      .execute();
    return rows.length;
  }

  /** Replaces columns, if `due_at` is still as it was read. @returns whether it was */
  async update(
    { account_sid, subject, due_at }: Pick<Es2PlusTaskRow, 'account_sid' | 'subject' | 'due_at'>,
    columns: Partial<Es2PlusTaskRow>,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('es2plus_tasks')
      .set(columns)
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .where('due_at', '=', due_at)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** A task of a kind becomes one of another. */
  async turn(account_sid: string, subject: string, from: string, to: string): Promise<void> {
    await this.#db
      .updateTable('es2plus_tasks')
      .set({ kind: to })
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .where('kind', '=', from)
      .execute();
  }

  /** As `turn`, those of all items of a batch. */
  async turnItems(account_sid: string, batchSid: string, from: string, to: string): Promise<void> {
    await this.#db
      .updateTable('es2plus_tasks')
      .set({ kind: to })
      .where('account_sid', '=', account_sid)
      .where('subject', '>', `${batchSid}.`)
      // The sign after the point.
      .where('subject', '<', `${batchSid}/`)
      .where('kind', '=', from)
      .execute();
  }

  /** All can be taken up at once: whoever worked on them is dead. */
  async release(now: string): Promise<void> {
    await this.#db
      .updateTable('es2plus_tasks')
      .set({ due_at: now })
      .where('due_at', '>', now)
      .execute();
  }

  /** With its calls, if `due_at` is still as it was read. @returns whether it was */
  async delete({
    account_sid,
    subject,
    due_at,
  }: Pick<Es2PlusTaskRow, 'account_sid' | 'subject' | 'due_at'>): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('es2plus_tasks')
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .where('due_at', '=', due_at)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return false;
    await this.#db
      .deleteFrom('es2plus_calls')
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .execute();
    return true;
  }

  async listCalls({ account_sid, subject }: TaskKey): Promise<Es2PlusCallRow[]> {
    return this.#db
      .selectFrom('es2plus_calls')
      .selectAll()
      .where('account_sid', '=', account_sid)
      .where('subject', '=', subject)
      .execute();
  }

  /** Of a task that this transaction has locked. */
  async writeCall(row: Es2PlusCallRow): Promise<void> {
    const { state, answer, call_identifier, request } = row;
    await this.#db
      .insertInto('es2plus_calls')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['account_sid', 'subject', 'function', 'occurrence'])
          .doUpdateSet({ state, answer, call_identifier, request }),
      )
      .execute();
  }
}
