// The outbox of callbacks and the log of what became of each.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';
import type { CallbackAttemptRow, CallbackRow, Tables } from './schema.ts';

export class Callbacks {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
  }

  readonly insert = together(
    async (rows: CallbackRow[]) => {
      await this.#db.insertInto('callbacks').values(rows).execute();
      return rows.map(() => {});
    },
    (work) => this.#soon(work),
  );

  async find(accountSid: string, sid: string): Promise<CallbackRow | undefined> {
    return this.#db
      .selectFrom('callbacks')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** Receivers that callbacks are due for, the longest due first, without those of `busy`. */
  async dueReceivers(now: string, busy: string[], limit: number): Promise<string[]> {
    let query = this.#db
      .selectFrom('callbacks')
      .select('receiver')
      .where('state', '=', constant('pending'))
      .where('next_attempt_at', '<=', now)
      .where((c) => c.or([c('locked_until', 'is', null), c('locked_until', '<=', now)]))
      .groupBy('receiver')
      .orderBy((c) => c.fn.min('next_attempt_at'))
      .limit(limit);
    if (busy.length > 0) query = query.where('receiver', 'not in', busy);
    return (await query.execute()).map(({ receiver }) => receiver);
  }

  /**
   * Takes up to `limit` callbacks that are due for a receiver and locks them until `lockedUntil`, the
   * longest due first. Of one resource only the oldest that is due or under way, so that they leave in
   * order.
   */
  async claimDue(
    receiver: string,
    now: string,
    lockedUntil: string,
    limit: number,
  ): Promise<CallbackRow[]> {
    let due = this.#db
      .selectFrom('callbacks as c')
      .select(['c.account_sid', 'c.sid'])
      .where('c.state', '=', constant('pending'))
      .where('c.receiver', '=', receiver)
      .where('c.next_attempt_at', '<=', now)
      .where((c) => c.or([c('c.locked_until', 'is', null), c('c.locked_until', '<=', now)]))
      .where((c) =>
        c.not(
          c.exists(
            c
              .selectFrom('callbacks as earlier')
              .select(sql<number>`1`.as('one'))
              .whereRef('earlier.account_sid', '=', 'c.account_sid')
              .whereRef('earlier.resource_sid', '=', 'c.resource_sid')
              .whereRef('earlier.sid', '<', 'c.sid')
              .where('earlier.state', '=', constant('pending'))
              .where((e) =>
                e.or([
                  e('earlier.next_attempt_at', '<=', now),
                  e('earlier.locked_until', '>', now),
                ]),
              ),
          ),
        ),
      )
      .orderBy('c.next_attempt_at')
      .limit(limit);
    if (this.#flavor.rowLocks) due = due.forUpdate('c').skipLocked();
    const claimed: CallbackRow[] = [];
    for (const { account_sid, sid } of await due.execute()) {
      const row = await this.#db
        .updateTable('callbacks')
        .set({ locked_until: lockedUntil })
        .where('account_sid', '=', account_sid)
        .where('sid', '=', sid)
        .returningAll()
        .executeTakeFirst();
      if (row !== undefined) claimed.push(row);
    }
    return claimed;
  }

  /** Writes down an attempt and what the callback turns into, if the claim is still ours. */
  async settle(
    claimed: CallbackRow,
    attempt: CallbackAttemptRow,
    next: CallbackRow,
  ): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable('callbacks')
      .set({
        state: next.state,
        attempts: next.attempts,
        next_attempt_at: next.next_attempt_at,
        date_settled: next.date_settled,
        locked_until: null,
      })
      .where('account_sid', '=', claimed.account_sid)
      .where('sid', '=', claimed.sid)
      .where('locked_until', '=', claimed.locked_until)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return;
    await this.#db.insertInto('callback_attempts').values(attempt).execute();
  }

  /**
   * Makes callbacks due at once, also those that were given up or delivered, but not those under way.
   * @param states only those that are in one of these
   * @returns how many
   */
  async retry(
    accountSid: string,
    now: string,
    sids: readonly string[],
    states?: readonly CallbackRow['state'][],
  ): Promise<number> {
    if (sids.length === 0) return 0;
    let query = this.#db
      .updateTable('callbacks')
      .set({ state: 'pending', next_attempt_at: now, locked_until: null, date_settled: null })
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', sids)
      .where((c) => c.or([c('locked_until', 'is', null), c('locked_until', '<=', now)]));
    if (states !== undefined) query = query.where('state', 'in', states);
    const { numUpdatedRows } = await query.executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /** Newest first. */
  async list(
    accountSid: string,
    {
      resourceSid,
      state,
      limit,
    }: { resourceSid?: string; state?: CallbackRow['state']; limit: number },
  ): Promise<CallbackRow[]> {
    let query = this.#db
      .selectFrom('callbacks')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('sid', 'desc')
      .limit(limit);
    if (resourceSid !== undefined) query = query.where('resource_sid', '=', resourceSid);
    if (state !== undefined) query = query.where('state', '=', state);
    return query.execute();
  }

  /** Of each callback the oldest first. */
  async attempts(accountSid: string, ...callbackSids: string[]): Promise<CallbackAttemptRow[]> {
    if (callbackSids.length === 0) return [];
    return this.#db
      .selectFrom('callback_attempts')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('callback_sid', 'in', callbackSids)
      .orderBy('callback_sid')
      .orderBy('attempt')
      .execute();
  }

  /** Forgets up to `limit` callbacks that were settled before `date`, with their attempts. @returns how many */
  async deleteSettledBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('callbacks')
      .select(['account_sid', 'sid'])
      .where('state', '<>', constant('pending'))
      .where('date_settled', '<', date)
      .limit(limit)
      .execute();
    for (const { account_sid, sid } of old) {
      await this.#db
        .deleteFrom('callback_attempts')
        .where('account_sid', '=', account_sid)
        .where('callback_sid', '=', sid)
        .execute();
      await this.#db
        .deleteFrom('callbacks')
        .where('account_sid', '=', account_sid)
        .where('sid', '=', sid)
        .execute();
    }
    return old.length;
  }
}
