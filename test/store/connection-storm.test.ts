// Connections to PostgreSQL that are not to be had, and transactions of others that do not end: requests wait for a bounded time,
// and the database is not overrun when it comes back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { cutProxy } from '../cut-proxy.ts';
import { databaseWithTables, postgres, withoutPostgres as skip } from '../databases.ts';
import { freshDatabase, startCluster } from '../postgres.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';

const FORM = { GenerateMatchingId: 'true' };

async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const order = (server: TestServer) => server.request('/v1/ESimProfiles', { form: FORM });

/** How many orders got each status, of so many at the same time. */
async function storm(server: TestServer, count: number): Promise<Record<number, number>> {
  const statuses = await Promise.all(
    Array.from({ length: count }, async () => (await order(server)).status),
  );
  return Object.fromEntries(
    Object.entries(Object.groupBy(statuses, String)).map(([status, all]) => [status, all!.length]),
  );
}

describe('connections', { skip }, () => {
  test('53300: requests wait for those that there are; 503 when there is none; then they are served again', async (context) => {
    const cluster = (await startCluster({ settings: { max_connections: '12' } }))!;
    context.after(() => cluster.stop());
    await using server = await startTestServer({ databaseUrl: cluster.url, stock: 200 });
    const others: Client[] = [];
    // As many as there are, less two.
    await eventually(async () => {
      try {
        others.push(await connectTo(cluster.url));
        return undefined;
      } catch {
        return true;
      }
    });
    await Promise.all(others.splice(0, 2).map((client) => client.end()));
    assert.deepEqual(await storm(server, 40), { 201: 40 });

    const admin = others[0]!;
    const close = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name like 'simwright%'`;
    await admin.query(close);
    // A connection that has ended is not free at once.
    for (let refusals = 0; refusals < 10; refusals++) {
      try {
        others.push(await connectTo(cluster.url));
        refusals = 0;
      } catch {
        await sleep(50);
        await admin.query(close);
      }
    }
    const { status, headers, json } = await order(server);
    assert.deepEqual([status, headers.get('Retry-After'), json.code], [503, '1', 20503]);
    await Promise.all(others.map((client) => client.end()));
    await eventually(async () => (await order(server)).status === 201 || undefined);
    assert.deepEqual(await storm(server, 40), { 201: 40 });
  });

  test('lost ones are not opened anew for each request, but one at a time, and then more and more', async () => {
    await using proxy = await cutProxy(await databaseWithTables());
    await using server = await startTestServer({ databaseUrl: proxy.url, stock: 5_000 });
    assert.deepEqual(await storm(server, 60), { 201: 60 });
    const over = new AbortController();
    const statuses = new Set<number>();
    const clients = Array.from({ length: 60 }, async () => {
      while (!over.signal.aborted) statuses.add((await order(server)).status);
    });
    const before = proxy.connections;
    proxy.cutAfter(0);
    await sleep(2_500);
    const attempts = proxy.connections - before;
    proxy.mend();
    await eventually(async () => (await order(server)).status === 201 || undefined);
    over.abort();
    await Promise.all(clients);
    // Ten that were in use are missed at once.
    assert.ok(attempts <= 40, `${attempts} attempts`);
    assert.deepEqual(
      [...statuses].filter((status) => status !== 201 && status !== 503),
      [],
    );
    assert.deepEqual(await storm(server, 60), { 201: 60 });
  });
});

describe('transactions of others', { skip }, () => {
  test('that lock a table: 503 after the limit for locks, and nothing is left behind', async () => {
    const url = await databaseWithTables();
    const other = await connectTo(url);
    await other.query(`alter database ${nameOf(url)} set lock_timeout = '300ms'`);
    await using server = await startTestServer({ databaseUrl: url });
    const { iccid } = await server.order(FORM);
    await other.query('begin; lock table subscriptions');
    const { status, headers } = await order(server);
    assert.deepEqual([status, headers.get('Retry-After')], [201, null]);
    const list = await server.request('/v1/ESimProfiles');
    assert.equal(list.status, 200);
    await other.query('rollback');
    await eventually(async () => {
      const { json } = await server.request('/v1/ESimProfiles?Status=available');
      return json.esim_profiles.length === 2 || undefined;
    });
    await other.query('begin; lock table esim_profiles');
    const refused = await order(server);
    assert.deepEqual([refused.status, refused.headers.get('Retry-After')], [503, '1']);
    await other.query('rollback');
    const { json } = await server.request('/v1/ESimProfiles');
    assert.equal(json.esim_profiles.length, 2);
    assert.notEqual((await server.order(FORM)).iccid, iccid);
    await other.end();
  });

  test('that hold a snapshot, as pg_dump does, or are idle: orders, events and lists go on', async () => {
    const url = await databaseWithTables();
    await using server = await startTestServer({ databaseUrl: url });
    const [dump, idle] = [await connectTo(url), await connectTo(url)];
    await dump.query('begin transaction isolation level repeatable read read only');
    await dump.query('select count(*) from esim_profiles');
    await idle.query(`begin; create table others (number int); insert into others values (1)`);
    const { sid } = await server.order(FORM);
    const { json } = await server.request(`/v1/ESimProfiles/${sid}/Events`);
    assert.equal(json.events.length, 3);
    const ready = await server.request('/readyz', { as: null });
    assert.equal(ready.status, 200);
    await Promise.all([dump.end(), idle.end()]);
  });

  test('57014, a statement_timeout of the role: 503, nothing is stored, and no wrong answer', async () => {
    const url = await databaseWithTables();
    const admin = await connectTo(url);
    await admin.query(`alter database ${nameOf(url)} set statement_timeout = '1s'`);
    await using server = await startTestServer({ databaseUrl: url });
    await admin.query(`
      create function slow() returns trigger language plpgsql as
        $$ begin perform pg_sleep(5); return new; end $$;
      create trigger slow before insert on esim_profiles for each row execute function slow()`);
    const { status, headers } = await order(server);
    assert.deepEqual([status, headers.get('Retry-After')], [503, '1']);
    await admin.query('drop trigger slow on esim_profiles');
    assert.equal((await server.request('/v1/ESimProfiles')).json.esim_profiles.length, 0);
    assert.equal((await order(server)).status, 201);
    await admin.end();
  });

  test('a statement_timeout of the role does not end migrations', async () => {
    const url = await freshDatabase(postgres!.url);
    const admin = await connectTo(url);
    await admin.query(`alter database ${nameOf(url)} set statement_timeout = '500ms'`);
    await admin.end();
    const backend = openPostgres(url);
    await backend.migrate({ '001-slow': () => ['select pg_sleep(0.8)'] });
    // It does end others.
    await assert.rejects(backend.prepare('select pg_sleep(1)')([]), (error: Error) => {
      assert.ok(error instanceof StoreUnavailable);
      assert.match(error.message, /canceling statement due to statement timeout/);
      return true;
    });
    await backend.close();
  });
});

const nameOf = (url: string) => new URL(url).pathname.slice(1);
