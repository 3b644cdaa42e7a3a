// Transactions and reads that share a journey to the database: each has its own result, as if it were alone.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import { Conflict } from '../../src/store/errors.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { Transaction } from '../../src/store/store.ts';
import { cutProxy } from '../cut-proxy.ts';
import { databaseWithTables, onEachDatabase, withoutPostgres as skip } from '../databases.ts';

const write = (name: string) => (tables: Transaction) => tables.settings.insert(name, 'written');

onEachDatabase('transactions that share a commit', (database) => {
  async function open(context: TestContext) {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-sharing-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.own();
    const store = await openStore(
      url === undefined
        ? { kind: 'sqlite', file: join(folder, 'test.db') }
        : { kind: 'postgres', url },
    );
    context.after(() => store.close());
    return store;
  }
  const found = async (store: Awaited<ReturnType<typeof open>>, names: string[]) =>
    Promise.all(names.map(async (name) => (await store.settings.find(name)) !== undefined));

  test('each has its own result', async (context) => {
    const store = await open(context);
    const names = Array.from({ length: 40 }, (_name, index) => `s${index}`);
    const results = await Promise.all(
      names.map((name) =>
        store.share(async (tables) => {
          await write(name)(tables);
          return name;
        }),
      ),
    );
    assert.deepEqual(results, names);
    assert.ok((await found(store, names)).every(Boolean));
  });

  test('one that throws fails alone, and leaves nothing behind', async (context) => {
    const store = await open(context);
    // The second time, SQLite has a savepoint for each from the start.
    for (const names of [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]) {
      const shared = names.map((name) =>
        store.share(async (tables) => {
          await write(name)(tables);
          if (name === names[1]) throw new Conflict('changed');
        }),
      );
      const results = await Promise.allSettled(shared);
      assert.deepEqual(
        results.map((result) => (result.status === 'rejected' ? result.reason : undefined)),
        [undefined, new Conflict('changed'), undefined],
      );
      assert.deepEqual(await found(store, names), [true, false, true]);
    }
  });
});

describe('journeys to PostgreSQL', { skip }, () => {
  async function open(context: TestContext) {
    const proxy = await cutProxy(await databaseWithTables());
    context.after(() => proxy[Symbol.asyncDispose]());
    return proxy;
  }

  test('of transactions that share a commit: two for all of them', async (context) => {
    const proxy = await open(context);
    const store = await openStore({ kind: 'postgres', url: proxy.url });
    context.after(() => store.close());
    const share = (names: string[]) => Promise.all(names.map((name) => store.share(write(name))));
    await share(['a', 'b']);
    const before = proxy.sendings;
    await share(['c', 'd', 'e']);
    assert.equal(proxy.sendings - before, 2);
  });

  test('of transactions whose connection is lost: none is run again, as it may have been committed', async (context) => {
    const proxy = await open(context);
    const store = await openStore({ kind: 'postgres', url: proxy.url });
    context.after(() => store.close());
    const runs: string[] = [];
    const share = (name: string) =>
      store.share(async (tables) => {
        runs.push(name);
        await write(name)(tables);
        proxy.cutAfter(0);
      });
    const results = await Promise.allSettled(['a', 'b'].map(share));
    assert.deepEqual(
      results.map((result) => result.status === 'rejected' && (result.reason as Error).name),
      ['StoreUnavailable', 'StoreUnavailable'],
    );
    assert.deepEqual(runs, ['a', 'b']);
    proxy.mend();
    assert.equal(await store.settings.find('a'), undefined);
  });

  test('of reads at the same time: one for all of them', async (context) => {
    const proxy = await open(context);
    const store = await openStore({ kind: 'postgres', url: proxy.url });
    context.after(() => store.close());
    const read = () => Promise.all(['a', 'b', 'c'].map((name) => store.settings.find(name)));
    await read();
    const before = proxy.sendings;
    await read();
    assert.equal(proxy.sendings - before, 1);
  });

  test('of reads of which one fails: the others have their answers', async (context) => {
    const proxy = await open(context);
    const backend = openPostgres(proxy.url);
    context.after(() => backend.close());
    await backend.migrate(MIGRATIONS);
    const number = async (text: string) =>
      (await sql<{ n: number }>`select 10 / ${text}::int as n`.execute(backend.reader)).rows[0]!.n;
    const results = await Promise.allSettled(['1', '0', '2', 'x', '5'].map(number));
    assert.deepEqual(
      results.map((result) =>
        result.status === 'fulfilled' ? result.value : (result.reason as { code: string }).code,
      ),
      [10, '22012', 5, '22P02', 2],
    );
  });

  test('of reads whose connection is lost: all fail, and the next ones have another', async (context) => {
    const proxy = await open(context);
    const backend = openPostgres(proxy.url);
    context.after(() => backend.close());
    const read = (seconds: number) => sql`select pg_sleep(${seconds})`.execute(backend.reader);
    await read(0);
    const before = proxy.sendings;
    const sleeping = Promise.allSettled([read(60), read(60)]);
    while (proxy.sendings === before) await nextTurn();
    proxy.cutAfter(0);
    for (const result of await sleeping) {
      assert.equal(
        result.status === 'rejected' && (result.reason as Error).name,
        'StoreUnavailable',
      );
    }
    proxy.mend();
    await read(0);
  });
});
