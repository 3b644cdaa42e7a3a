// Which callbacks are due, for whom. From one account, and from one receiver, to the next is one step in an
// index, however many callbacks each has.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from './schema.ts';

/** Callbacks of a receiver that are looked at when it is asked which can be claimed. */
const LOOKED_AT = 64;

/** Whether nothing keeps a pending callback `c` from being sent. */
export const isFree = (now: string) => sql<boolean>`
  c.next_attempt_at <= ${now} and (c.locked_until is null or c.locked_until <= ${now})`;

const isDue = (now: string) => sql<boolean>`c.state = 'pending' and ${isFree(now)}`;

/**
 * As a comparison with `pending`, but no planner who knows nothing of the rows yet takes it for a reason to
 * read the index of all that is pending.
 */
export const isPending = (state: string) => sql<boolean>`${sql.ref(state)} || '' = 'pending'`;

/** Whether of the callbacks of its resource none that is older than `c` is due or under way. */
const isNext = (now: string) => sql<boolean>`
  (
    select 1 from callbacks as earlier
    where earlier.account_sid = c.account_sid and earlier.resource_sid = c.resource_sid
      and earlier.sid < c.sid and ${isPending('earlier.state')}
      and (earlier.next_attempt_at <= ${now} or earlier.locked_until > ${now})
    limit 1
  ) is null`;

/** What has been due for a receiver of an account for the longest. */
const oldest = (accountSid: string, receiver: unknown, now: string) => sql<{ sid: string }>`
  select c.account_sid, c.resource_sid, c.sid, c.next_attempt_at from callbacks as c
  where c.account_sid = ${accountSid} and c.receiver = ${receiver} and ${isDue(now)}
  order by c.next_attempt_at limit ${LOOKED_AT}`;

/** Those of `oldest` that may be sent now. */
const claimable = (accountSid: string, receiver: unknown, now: string) => sql<{ sid: string }>`
  select c.sid from (${oldest(accountSid, receiver, now)}) as c
  where ${isNext(now)}
  order by c.next_attempt_at`;

/** A receiver of an account, and the callback that has been due for it for the longest. */
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

/** Without those whose only due callback waits behind one under way. */
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

/** SIDs of callbacks, the longest due first. */
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
