// The server dies while it processes an order with an Idempotency-Key: the next one with that key is processed at
// once. However slow the first is, they are never both processed.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { onEachDatabase } from '../databases.ts';
import type { TestDatabase } from '../databases.ts';
import type { ServerProcess } from '../process.ts';
import { startProcess } from '../process.ts';
import { basic, eventually } from '../server.ts';

const ACCOUNT = { username: `AC${'1'.repeat(32)}`, password: 'a'.repeat(32) };

/** Stops the server in the middle of storing an order. */
interface Brake extends AsyncDisposable {
  /** Resolves when `count` orders are stopped. */
  stands(count: number): Promise<void>;
  release(): Promise<void>;
}

async function brakePostgres(url: string): Promise<Brake> {
  const [holder, watcher] = [new Client(url), new Client(url)];
  for (const client of [holder, watcher]) await client.connect();
  await holder.query('begin; lock table esim_profiles in exclusive mode');
  return {
    stands: (count) =>
      eventually(async () => {
        const { rows } = await watcher.query<{ waiting: number }>(
          `select count(*)::integer as waiting from pg_locks
            where relation = 'esim_profiles'::regclass and not granted and mode = 'RowExclusiveLock'`,
        );
        return rows[0]!.waiting >= count ? true : undefined;
      }).then(() => {}),
    release: async () => void (await holder.query('rollback')),
    async [Symbol.asyncDispose]() {
      for (const client of [holder, watcher]) await client.end();
    },
  };
}

function brakeSqlite(file: string): Brake {
  const database = new DatabaseSync(file, { timeout: 10_000 });
  database.exec(
    `create trigger brake after insert on esim_profiles begin
      select count(*) from (with recursive n (i) as (select 1 union all select i + 1 from n) select i from n);
    end;
    pragma busy_timeout = 0`,
  );
  const isLocked = () => {
    try {
      database.exec('begin immediate; rollback');
      return false;
    } catch {
      return true;
    }
  };
  return {
    async stands() {
      // A running server holds the lock for a few milliseconds at most.
      for (let times = 0; times < 20; times = isLocked() ? times + 1 : 0) await sleep(20);
    },
    release: async () => database.exec('drop trigger brake'),
    async [Symbol.asyncDispose]() {
      database.close();
    },
  };
}

onEachDatabase('kill -9 of a server during an order', (database: TestDatabase) => {
  test('another order with its Idempotency-Key is processed at once', async (context) => {
    const { start, brake } = await prepare(context);
    const first = await start();
    await using stopped = await brake();
    const answer = order(first);
    await stopped.stands(1);
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    assert.equal(await answer, undefined);
    await stopped.release();

    const second = await start();
    const again = await order(second);
    assert.deepEqual([again?.status, again?.replayed], [201, null]);
    const repeat = await order(second);
    assert.deepEqual(repeat, { ...again, replayed: 'true' });
    assert.deepEqual(await profiles(second), [again?.sid]);
  });

  test('a merely slow one: two nodes never process the same order', async (context) => {
    const { start, brake, url } = await prepare(context);
    if (url === undefined) return context.skip('SQLite has one node');
    const nodes = [await start(), await start()];
    await using slowed = await brake();
    const answers = nodes.map((node) => order(node));
    await slowed.stands(2);
    await slowed.release();
    const [left, right] = await Promise.all(answers);
    assert.deepEqual([left?.status, right?.status], [201, 201]);
    assert.equal(left?.sid, right?.sid);
    assert.deepEqual(new Set([left?.replayed, right?.replayed]), new Set(['true', null]));
    assert.deepEqual(await profiles(nodes[0]!), [left?.sid]);
    return undefined;
  });

  async function prepare(context: { after: (done: () => Promise<void>) => void }) {
    const data = await mkdtemp(join(tmpdir(), 'simwright-kill-'));
    context.after(() => rm(data, { recursive: true, force: true }));
    const url = await database.own();
    const env = {
      SIMWRIGHT_DATA: data,
      SIMWRIGHT_PORT: '0',
      SIMWRIGHT_ES9_PORT: '0',
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_LOG_LEVEL: 'fatal',
      SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
      SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
      SIMWRIGHT_TEST_STOCK: '10',
      ...(url === undefined ? {} : { SIMWRIGHT_DATABASE_URL: url }),
    };
    return {
      url,
      start: async () => {
        const node = await startProcess(env);
        context.after(async () => void node.process.kill('SIGKILL'));
        return node;
      },
      brake: async () =>
        url === undefined ? brakeSqlite(join(data, 'simwright.db')) : brakePostgres(url),
    };
  }
});

/** @returns undefined if the server has died */
async function order({ url }: ServerProcess) {
  const response = await fetch(`${url}/v1/ESimProfiles`, {
    method: 'POST',
    headers: { Authorization: basic(ACCOUNT), 'Idempotency-Key': 'order-1' },
    body: new URLSearchParams({ GenerateMatchingId: 'true' }),
  }).catch(() => undefined);
  if (response === undefined) return undefined;
  const { sid } = JSON.parse(await response.text()) as { sid: string };
  return { status: response.status, replayed: response.headers.get('idempotent-replayed'), sid };
}

async function profiles({ url }: ServerProcess): Promise<string[]> {
  const response = await fetch(`${url}/v1/ESimProfiles`, {
    headers: { Authorization: basic(ACCOUNT) },
  });
  const { esim_profiles: found } = JSON.parse(await response.text()) as {
    esim_profiles: { sid: string }[];
  };
  return found.map(({ sid }) => sid);
}
