// Many eSIM Profiles of an account, written by one statement, and SQL that no part of the server would run.
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { TestServer } from './server.ts';

/** Runs SQL beside the server, whose pages it sees as another process does. */
export async function runSql(
  { config: { database } }: Pick<TestServer, 'config'>,
  statement: string,
): Promise<void> {
  if (database.kind === 'sqlite') {
    const connection = new DatabaseSync(database.file);
    connection.exec(statement);
    connection.close();
    return;
  }
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(statement);
  await client.end();
}

export const sidOf = (n: number) =>
  `HP${n.toString(16).padStart(12, '0')}7${String(n).padStart(19, '0')}`;

/** Inserts failed eSIM Profiles with the SIDs of the numbers 1 to `count`; the first is the oldest. */
export async function insertProfiles(
  server: Pick<TestServer, 'config'>,
  accountSid: string,
  count: number,
): Promise<void> {
  const date = '2026-11-23T15:07:59Z';
  const isSqlite = server.config.database.kind === 'sqlite';
  const numbers = isSqlite
    ? `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ${count})`
    : `with numbers(n) as (select generate_series(1, ${count}))`;
  const sid = isSqlite
    ? `printf('HP%012x7%019d', n, n)`
    : `'HP' || lpad(to_hex(n), 12, '0') || '7' || lpad(n::text, 19, '0')`;
  const [before, after] = JSON.stringify({
    sid: 'SID',
    account_sid: accountSid,
    iccid: null,
    sim_sid: null,
    status: 'failed',
    eid: null,
    smdp_plus_address: null,
    matching_id: null,
    activation_code: null,
    error_code: '83500',
    error_message: null,
    date_created: date,
    date_updated: date,
    url: '/v1/ESimProfiles/',
  })
    .slice(0, -2)
    .split('SID');
  await runSql(
    server,
    `${numbers}, sids(sid) as (select ${sid} from numbers)
    insert into esim_profiles
      (account_sid, sid, status, generate_matching_id, callback_method, error_code, date_created, date_updated, resource)
    select '${accountSid}', sid, 'failed', 1, 'POST', '83500', '${date}', '${date}',
      '${before}' || sid || '${after}' || sid || '"}' from sids`,
  );
  // Otherwise PostgreSQL knows of them only within a minute, and reads pages as of an empty table.
  if (!isSqlite) await runSql(server, 'analyze esim_profiles');
}
