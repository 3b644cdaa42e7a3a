// A session as a version without logs in sessions has stored it, or an older node of a cluster stores it.
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { listRspLog } from '../../../src/smdp/download/rsp-log.ts';
import type { TestServer } from '../../server.ts';

/** Turns the session of an order into one of an older version: its calls become rows. */
export async function asOlderVersion(
  { server, account, config: { database } }: TestServer,
  order: string,
): Promise<void> {
  const about = { accountSid: account.username, order };
  const { store, transact } = server.context;
  const calls = await listRspLog(about, store);
  const rows = new Set((await store.rspLog.list(account.username, order)).map(({ sid }) => sid));
  await transact(({ tables }) =>
    tables.rspLog.insertMany(calls.filter(({ sid }) => !rows.has(sid))),
  );
  const text = `update rsp_sessions set log = null, date_due = date_expires where ordered_by = '${order}'`;
  if (database.kind === 'sqlite') {
    using db = new DatabaseSync(database.file, { timeout: 5_000 });
    db.exec(text);
    return;
  }
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(text);
  await client.end();
}
