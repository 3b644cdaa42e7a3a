// The outbox of callbacks and the log of their delivery.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import {
  findClaimable,
  findDueAccounts,
  findDueReceivers,
  isFree,
  isPending,
} from './due-callbacks.ts';
import type { DueReceiver } from './due-callbacks.ts';
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
      await insertRows(this.#db, this.#flavor, 'callbacks', rows);
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

  /** Accounts after `after` that have due callbacks, by SID. */
  dueAccounts(now: string, after: string, limit: number): Promise<string[]> {
    return findDueAccounts(this.#db, now, after, limit);
  }

  /** Receivers of an account after `after` for which a callback can be claimed, in alphabetical order. */
  dueReceivers(
    accountSid: string,
    now: string,
    after: string,
    limit: number,
  ): Promise<DueReceiver[]> {
    return findDueReceivers(this.#db, accountSid, now, after, limit);
  }

  /**
   * Callbacks that can be claimed for a receiver of an account, longest due first. Of each resource only its oldest
   * callback that is due or being sent, so they leave in order. @returns up to `limit` SIDs
   */
  claimable(accountSid: string, receiver: string, now: string, limit: number): Promise<string[]> {
    return findClaimable(this.#db, accountSid, receiver, now, limit);
  }

  /** Locks until `lockedUntil` those of the callbacks that are due and not locked by another node. */
  async claim(
    accountSid: string,
    sids: string[],
    now: string,
    lockedUntil: string,
  ): Promise<CallbackRow[]> {
    if (sids.length === 0) return [];
    let free = this.#db
      .selectFrom('callbacks as c')
      .select('c.sid')
      .where('c.account_sid', '=', accountSid)
      .where('c.sid', 'in', sids)
      .where(isPending('c.state'))
      .where(isFree(now));
    if (this.#flavor.rowLocks) free = free.forUpdate('c').skipLocked();
    // Based on the database's clock at this moment: after a pause since `now`, the node's own claim could already be
    // expired.
    const lockMs = Date.parse(lockedUntil) - Date.parse(now);
    return this.#db
      .updateTable('callbacks')
      .set({ locked_until: this.#flavor.later?.(lockMs) ?? lockedUntil })
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', free)
      .returningAll()
      .execute();
  }

  /** Unlocks what others have claimed. */
  async unlockAll(): Promise<void> {
    await this.#db
      .updateTable('callbacks')
      .set({ locked_until: null })
      .where('state', '=', constant('pending'))
      .where('locked_until', 'is not', null)
      .execute();
  }

  /** Records an attempt and the callback's new state, if the claim is still ours. */
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
   * Makes callbacks due at once, even those given up or delivered, but not those being sent.
   * @param states only callbacks in one of these
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

  /** How many are in a state, up to `limit`: the cost does not grow with the rest. */
  async countUpTo(accountSid: string, state: CallbackRow['state'], limit: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (
        select sid from callbacks where account_sid = ${accountSid} and state = ${constant(state)}
        limit ${constant(limit)}
      ) as counted`.execute(this.#db);
    return rows[0]!.count;
  }

  /** Oldest first within each callback. */
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

  /** Deletes up to `limit` callbacks settled before `date`, with their attempts. @returns how many */
  async deleteSettledBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('callbacks')
      .select(['account_sid', 'sid'])
      .where('state', '<>', constant('pending'))
      .where('date_settled', '<', date)
      .limit(constant(limit))
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
