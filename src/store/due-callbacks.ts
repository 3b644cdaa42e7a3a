// Which callbacks are due, by account and receiver. Each account and each receiver costs one index step, however many
// callbacks it has.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from './schema.ts';

/** Callbacks of a receiver examined to find those that can be claimed. */
const LOOKED_AT = 64;

/** Whether a pending callback `c` is due and not locked. */
export const isFree = (now: string) => sql<boolean>`
  c.next_attempt_at <= ${now} and (c.locked_until is null or c.locked_until <= ${now})`;

const isDue = (now: string) => sql<boolean>`c.state = 'pending' and ${isFree(now)}`;

/**
 * Compares with `pending`, in a form that keeps a planner without statistics from scanning the index of all pending
 * callbacks.
 */
export const isPending = (state: string) => sql<boolean>`${sql.ref(state)} || '' = 'pending'`;

/** Whether no older callback of the same resource as `c` is due or being sent. */
const isNext = (now: string) => sql<boolean>`
  (
    select 1 from callbacks as earlier
    where earlier.account_sid = c.account_sid and earlier.resource_sid = c.resource_sid
      and earlier.sid < c.sid and ${isPending('earlier.state')}
      and (earlier.next_attempt_at <= ${now} or earlier.locked_until > ${now})
    limit 1
  ) is null`;

/** The callbacks of a receiver that have been due longest. */
const oldest = (accountSid: string, receiver: unknown, now: string) => sql<{ sid: string }>`
  select c.account_sid, c.resource_sid, c.sid, c.next_attempt_at from callbacks as c
  where c.account_sid = ${accountSid} and c.receiver = ${receiver} and ${isDue(now)}
  order by c.next_attempt_at limit ${LOOKED_AT}`;

/** Those of `oldest` that may be sent now. */
const claimable = (accountSid: string, receiver: unknown, now: string) => sql<{ sid: string }>`
  select c.sid from (${oldest(accountSid, receiver, now)}) as c
  where ${isNext(now)}
  order by c.next_attempt_at`;

/** A receiver of an account, and the claimable callback that has been due longest. */
export interface DueReceiver {
  name: string;
  sid: string;
}

const accountAfter = (sid: unknown) => sql`
  (select account_sid from callbacks where state = 'pending' and account_sid > ${sid}
   order by account_sid limit 1)`;

const receiverAfter = (accountSid: string, name: unknown) => sql`
  (select receiver from callbacks
   where state = 'pending' and account_sid = ${accountSid} and receiver > ${name}
   order by receiver limit 1)`;

export async function findDueAccounts(
  db: Kysely<Tables>,
  now: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`
    with recursive accounts(sid) as (
      select ${accountAfter(after)}
      union all
      select ${accountAfter(sql.ref('accounts.sid'))} from accounts where accounts.sid is not null
    )
    select sid from accounts
    where sid is not null
      and (select 1 from callbacks as c where c.account_sid = accounts.sid and ${isDue(now)}
           order by c.next_attempt_at limit 1) is not null
    limit ${limit}`.execute(db);
  return rows.map(({ sid }) => sid);
}

/** Without receivers whose due callbacks all wait behind one being sent. */
export async function findDueReceivers(
  db: Kysely<Tables>,
  accountSid: string,
  now: string,
  after: string,
  limit: number,
): Promise<DueReceiver[]> {
  const first = sql`(${claimable(accountSid, sql.ref('receivers.name'), now)} limit 1)`;
  const { rows } = await sql<DueReceiver>`
    with recursive receivers(name) as (
      select ${receiverAfter(accountSid, after)}
      union all
      select ${receiverAfter(accountSid, sql.ref('receivers.name'))}
      from receivers where receivers.name is not null
    )
    select name, ${first} as sid from receivers
    where name is not null and ${first} is not null
    limit ${limit}`.execute(db);
  return rows.map(({ name, sid }) => ({ name, sid }));
}

/** SIDs of callbacks, longest due first. */
export async function findClaimable(
  db: Kysely<Tables>,
  accountSid: string,
  receiver: string,
  now: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`
    ${claimable(accountSid, receiver, now)} limit ${limit}`.execute(db);
  return rows.map(({ sid }) => sid);
}
