// What is due in an outbox, by account and receiver. Each account and each receiver costs one index step, however much
// there is for it.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Flavor } from './flavor.ts';
import type { Tables } from './schema.ts';

/** A table whose rows are sent to others, with names of columns that are its own. */
export interface OutboxTable {
  table: 'callbacks' | 'progress_reports';
  /** The log of attempts, and what it calls the SID of a row. */
  attempts: 'callback_attempts' | 'progress_attempts';
  attemptOf: 'callback_sid' | 'progress_report_sid';
  /** Those who receive the rows of an account. */
  receiver: 'receiver' | 'operator_sid';
  /** What the rows tell of; those of one thing leave in order. */
  subject: 'resource_sid' | 'iccid';
  /**
   * Whether nothing leaves before all that is older, about the same for the same receiver, is settled; otherwise a row that
   * waits to be retried is overtaken.
   */
  isStrict: boolean;
}

/** Rows of a receiver examined to find those that can be claimed. */
const LOOKED_AT = 64;

/** Whether a pending row `c` is due and not locked. */
export const isFree = (now: string) => sql<boolean>`
  c.next_attempt_at <= ${now} and (c.locked_until is null or c.locked_until <= ${now})`;

const isDue = (now: string) => sql<boolean>`c.state = 'pending' and ${isFree(now)}`;

/**
 * Compares with `pending`, in a form that keeps a planner without statistics from scanning the index of all pending
 * rows.
 */
export const isPending = (state: string) => sql<boolean>`${sql.ref(state)} || '' = 'pending'`;

/** Whether nothing older about the same subject as `c`, which is of the account, keeps it back. */
const isNext = (
  { table, subject, receiver, isStrict }: OutboxTable,
  accountSid: string,
  now: string,
) => sql<boolean>`
  (
    select 1 from ${sql.table(table)} as earlier
    where earlier.account_sid = ${accountSid} and ${of('earlier', subject)} = ${of('c', subject)}
      and earlier.sid < c.sid and ${isPending('earlier.state')}
      ${
        isStrict
          ? sql`and ${of('earlier', receiver)} = ${of('c', receiver)}`
          : sql`and (earlier.next_attempt_at <= ${now} or earlier.locked_until > ${now})`
      }
    limit 1
  ) is null`;

const of = (table: string, column: string) => sql.ref(`${table}.${column}`);

/** The rows of a receiver that have been due longest. */
const oldest = (outbox: OutboxTable, accountSid: string, receiver: unknown, now: string) => sql`
  select c.account_sid, ${of('c', outbox.subject)}, ${of('c', outbox.receiver)}, c.sid, c.next_attempt_at
  from ${sql.table(outbox.table)} as c
  where c.account_sid = ${accountSid} and ${of('c', outbox.receiver)} = ${receiver} and ${isDue(now)}
  order by c.next_attempt_at limit ${LOOKED_AT}`;

/** Those of `oldest` that may be sent now. */
const claimable = (outbox: OutboxTable, accountSid: string, receiver: unknown, now: string) => sql<{
  sid: string;
}>`
  select c.sid from (${oldest(outbox, accountSid, receiver, now)}) as c
  where ${isNext(outbox, accountSid, now)}
  order by c.next_attempt_at`;

/** A receiver of an account, and the row that can be claimed and has been due longest. */
export interface DueReceiver {
  name: string;
  sid: string;
}

const accountAfter = ({ table }: OutboxTable, sid: unknown) => sql`
  (select account_sid from ${sql.table(table)} where state = 'pending' and account_sid > ${sid}
   order by account_sid limit 1)`;

const receiverAfter = ({ table, receiver }: OutboxTable, accountSid: string, name: unknown) => sql`
  (select ${sql.ref(receiver)} from ${sql.table(table)}
   where state = 'pending' and account_sid = ${accountSid} and ${sql.ref(receiver)} > ${name}
   order by ${sql.ref(receiver)} limit 1)`;

export async function findDueAccounts(
  db: Kysely<Tables>,
  outbox: OutboxTable,
  { isSpread }: Pick<Flavor, 'isSpread'>,
  now: string,
  after: string,
  limit: number,
): Promise<string[]> {
  if (isSpread) return findDueOnServers(db, outbox, now, after, limit);
  const { rows } = await sql<{ sid: string }>`
    with recursive accounts(sid) as (
      select ${accountAfter(outbox, after)}
      union all
      select ${accountAfter(outbox, sql.ref('accounts.sid'))}
      from accounts where accounts.sid is not null
    )
    select sid from accounts
    where sid is not null
      and (select 1 from ${sql.table(outbox.table)} as c
           where c.account_sid = accounts.sid and ${isDue(now)}
           order by c.next_attempt_at limit 1) is not null
    limit ${limit}`.execute(db);
  return rows.map(({ sid }) => sid);
}

/** A recursive query must be of one account, so each server looks at all that is pending there: in an index. */
async function findDueOnServers(
  db: Kysely<Tables>,
  outbox: OutboxTable,
  now: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`
    select c.account_sid as sid from ${sql.table(outbox.table)} as c
    where ${isDue(now)} and c.account_sid > ${after}
    group by c.account_sid order by c.account_sid limit ${limit}`.execute(db);
  return rows.map(({ sid }) => sid);
}

/** Without receivers for whom all that is due waits behind what is being sent. */
export async function findDueReceivers(
  db: Kysely<Tables>,
  outbox: OutboxTable,
  accountSid: string,
  now: string,
  after: string,
  limit: number,
): Promise<DueReceiver[]> {
  const first = sql`(${claimable(outbox, accountSid, sql.ref('receivers.name'), now)} limit 1)`;
  const { rows } = await sql<DueReceiver>`
    with recursive receivers(name) as (
      select ${receiverAfter(outbox, accountSid, after)}
      union all
      select ${receiverAfter(outbox, accountSid, sql.ref('receivers.name'))}
      from receivers where receivers.name is not null
    )
    select name, ${first} as sid from receivers
    where name is not null and ${first} is not null
    limit ${limit}`.execute(db);
  return rows.map(({ name, sid }) => ({ name, sid }));
}

/** SIDs, longest due first. */
export async function findClaimable(
  db: Kysely<Tables>,
  outbox: OutboxTable,
  accountSid: string,
  receiver: string,
  now: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`
    ${claimable(outbox, accountSid, receiver, now)} limit ${limit}`.execute(db);
  return rows.map(({ sid }) => sid);
}
