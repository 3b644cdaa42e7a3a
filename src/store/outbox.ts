// Outboxes: what is to be sent to others, and the log of its delivery.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { insertRows } from './compiled.ts';
import { findClaimable, findDueAccounts, findDueReceivers, isFree, isPending } from './due.ts';
import type { DueReceiver, OutboxTable } from './due.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';
import type { AttemptRow, CallbackAttemptRow, CallbackRow, OutboxRow, Tables } from './schema.ts';

export const CALLBACKS: OutboxTable = {
  table: 'callbacks',
  attempts: 'callback_attempts',
  attemptOf: 'callback_sid',
  receiver: 'receiver',
  subject: 'resource_sid',
  isStrict: false,
};

export const PROGRESS_REPORTS: OutboxTable = {
  table: 'progress_reports',
  attempts: 'progress_attempts',
  attemptOf: 'progress_report_sid',
  receiver: 'operator_sid',
  subject: 'iccid',
  isStrict: true,
};

export class Outbox<Row extends OutboxRow, Attempt extends AttemptRow> {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;
  readonly #outbox: OutboxTable;
  /** Named as one of them for the sake of types; all have the columns of `OutboxRow`. */
  readonly #table: 'callbacks';
  readonly #attempts: 'callback_attempts';

  constructor(outbox: OutboxTable, db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
    this.#outbox = outbox;
    this.#table = outbox.table as 'callbacks';
    this.#attempts = outbox.attempts as 'callback_attempts';
  }

  readonly insert = together(
    async (rows: Row[]) => {
      await insertRows(this.#db, this.#flavor, this.#table, rows as never);
      return rows.map(() => {});
    },
    (work) => this.#soon(work),
  );

  find(accountSid: string, sid: string): Promise<Row | undefined> {
    return this.#db
      .selectFrom(this.#table)
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst() as Promise<Row | undefined>;
  }

  /** Accounts after `after` for which something is due, by SID. */
  dueAccounts(now: string, after: string, limit: number): Promise<string[]> {
    return findDueAccounts(this.#db, this.#outbox, this.#flavor, now, after, limit);
  }

  /** Receivers of an account after `after` for which something can be claimed, in alphabetical order. */
  dueReceivers(
    accountSid: string,
    now: string,
    after: string,
    limit: number,
  ): Promise<DueReceiver[]> {
    return findDueReceivers(this.#db, this.#outbox, accountSid, now, after, limit);
  }

  /**
   * What can be claimed for a receiver of an account, longest due first. About each subject only the oldest that is due
   * or being sent, so they leave in order. @returns up to `limit` SIDs
   */
  claimable(accountSid: string, receiver: string, now: string, limit: number): Promise<string[]> {
    return findClaimable(this.#db, this.#outbox, accountSid, receiver, now, limit);
  }

  /** Locks until `lockedUntil` those that are due and not locked by another node. */
  async claim(
    accountSid: string,
    sids: string[],
    now: string,
    lockedUntil: string,
  ): Promise<Row[]> {
    if (sids.length === 0) return [];
    let free = this.#db
      .selectFrom(`${this.#table} as c`)
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
      .updateTable(this.#table)
      .set({ locked_until: this.#flavor.later?.(lockMs) ?? lockedUntil })
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', free)
      .returningAll()
      .execute() as Promise<Row[]>;
  }

  /** Unlocks what others have claimed. */
  async unlockAll(): Promise<void> {
    await this.#db
      .updateTable(this.#table)
      .set({ locked_until: null })
      .where('state', '=', constant('pending'))
      .where('locked_until', 'is not', null)
      .execute();
  }

  /** Records an attempt and the new state, if the claim is still ours. */
  async settle(claimed: Row, attempt: Attempt, next: Row): Promise<void> {
    const { numUpdatedRows } = await this.#db
      .updateTable(this.#table)
      .set({
        state: next.state,
        attempts: next.attempts,
        next_attempt_at: next.next_attempt_at,
        date_settled: next.date_settled,
        locked_until: null,
      } as Partial<CallbackRow>)
      .where('account_sid', '=', claimed.account_sid)
      .where('sid', '=', claimed.sid)
      .where('locked_until', '=', claimed.locked_until)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return;
    await this.#db
      .insertInto(this.#attempts)
      .values(attempt as unknown as CallbackAttemptRow)
      .execute();
    if (this.#outbox.isStrict) await this.#moveNext(claimed, next);
  }

  /** What waits behind a row waits as long as it does, so that it does not look due; then the next one is. */
  async #moveNext({ account_sid, sid }: Row, { state, next_attempt_at: date }: Row): Promise<void> {
    const { table, subject, receiver } = this.#outbox;
    const behind = sql`
      from ${sql.table(table)} where account_sid = ${account_sid} and sid > ${sid}
        and ${isPending('state')} and (${sql.ref(subject)}, ${sql.ref(receiver)}) = (
          select ${sql.ref(subject)}, ${sql.ref(receiver)} from ${sql.table(table)}
          where account_sid = ${account_sid} and sid = ${sid}
        )`;
    const moved = state === 'pending' ? sql`select sid ${behind}` : sql`select min(sid) ${behind}`;
    await sql`update ${sql.table(table)} set next_attempt_at = ${date}
      where account_sid = ${account_sid} and sid in (${moved})`.execute(this.#db);
  }

  /** When the last of those that wait about a subject, for a receiver, is due; undefined if none waits. */
  async lastDue(
    accountSid: string,
    subject: string,
    receiver: string,
  ): Promise<string | undefined> {
    const { rows } = await sql<{ date: string | null }>`
      select max(next_attempt_at) as date from ${sql.table(this.#outbox.table)}
      where account_sid = ${accountSid} and ${sql.ref(this.#outbox.subject)} = ${subject}
        and ${sql.ref(this.#outbox.receiver)} = ${receiver} and ${isPending('state')}`.execute(
      this.#db,
    );
    return rows[0]?.date ?? undefined;
  }

  /**
   * Makes rows due at once, even those given up or delivered, but not those being sent.
   * @param states only those in one of these
   * @returns how many
   */
  async retry(
    accountSid: string,
    now: string,
    sids: readonly string[],
    states?: readonly Row['state'][],
  ): Promise<number> {
    if (sids.length === 0) return 0;
    let query = this.#db
      .updateTable(this.#table)
      .set({ state: 'pending', next_attempt_at: now, locked_until: null, date_settled: null })
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', sids)
      .where((c) => c.or([c('locked_until', 'is', null), c('locked_until', '<=', now)]));
    if (states !== undefined) query = query.where('state', 'in', states as CallbackRow['state'][]);
    const { numUpdatedRows } = await query.executeTakeFirst();
    if (this.#outbox.isStrict) await this.#makeDue(accountSid, now, sids);
    return Number(numUpdatedRows);
  }

  /** All that waits about the same subjects for the same receivers: what is older goes first. */
  async #makeDue(accountSid: string, now: string, sids: readonly string[]): Promise<void> {
    const { table, subject, receiver } = this.#outbox;
    await sql`
      update ${sql.table(table)} set next_attempt_at = ${now}
      where account_sid = ${accountSid} and next_attempt_at > ${now} and ${isPending('state')}
        and (${sql.ref(subject)}, ${sql.ref(receiver)}) in (
          select ${sql.ref(subject)}, ${sql.ref(receiver)} from ${sql.table(table)}
          where account_sid = ${accountSid} and sid in (${sql.join(sids)})
        )`.execute(this.#db);
  }

  /** Newest first. @param subject what they tell of */
  async list(
    accountSid: string,
    { subject, state, limit }: { subject?: string; state?: Row['state']; limit: number },
  ): Promise<Row[]> {
    let query = this.#db
      .selectFrom(this.#table)
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('sid', 'desc')
      .limit(limit);
    if (subject !== undefined) {
      query = query.where(this.#outbox.subject as 'resource_sid', '=', subject);
    }
    if (state !== undefined) query = query.where('state', '=', state as CallbackRow['state']);
    return (await query.execute()) as unknown as Row[];
  }

  /** How many are in a state, up to `limit`: the cost does not grow with the rest. */
  async countUpTo(accountSid: string, state: Row['state'], limit: number): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*) as count from (
        select sid from ${sql.table(this.#outbox.table)}
        where account_sid = ${accountSid} and state = ${constant(state)}
        limit ${constant(limit)}
      ) as counted`.execute(this.#db);
    return rows[0]!.count;
  }

  /** Oldest first within each row. */
  async attempts(accountSid: string, ...sids: string[]): Promise<Attempt[]> {
    if (sids.length === 0) return [];
    const of = this.#outbox.attemptOf as 'callback_sid';
    const rows = await this.#db
      .selectFrom(this.#attempts)
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where(of, 'in', sids)
      .orderBy(of)
      .orderBy('attempt')
      .execute();
    return rows as unknown as Attempt[];
  }

  /** Deletes up to `limit` rows settled before `date`, with their attempts. @returns how many */
  async deleteSettledBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom(this.#table)
      .select(['account_sid', 'sid'])
      .where('state', '<>', constant('pending'))
      .where('date_settled', '<', date)
      .limit(constant(limit))
      .execute();
    for (const { account_sid, sid } of old) {
      await this.#db
        .deleteFrom(this.#attempts)
        .where('account_sid', '=', account_sid)
        .where(this.#outbox.attemptOf as 'callback_sid', '=', sid)
        .execute();
      await this.#db
        .deleteFrom(this.#table)
        .where('account_sid', '=', account_sid)
        .where('sid', '=', sid)
        .execute();
    }
    return old.length;
  }
}
