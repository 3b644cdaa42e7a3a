// Statements of a transaction on PostgreSQL that are sent without waiting for one another: what fails in the middle
// leaves nothing behind, and says why.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { Conflict, StoreUnavailable } from '../../src/store/errors.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { Connections } from '../../src/store/postgres-connections.ts';
import { PostgresPool } from '../../src/store/postgres-pool.ts';
import { PostgresTransaction } from '../../src/store/postgres-transaction.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { Tables } from '../../src/store/schema.ts';
import { allEnded } from '../../src/store/together.ts';
import { cutProxy } from '../cut-proxy.ts';
import { databaseWithTables, withoutPostgres as skip } from '../databases.ts';

describe('pipelined statements', { skip }, () => {
  async function open(context: TestContext) {
    const proxy = await cutProxy(await databaseWithTables());
    const backend = openPostgres(proxy.url);
    context.after(async () => {
      await backend.close();
      await proxy[Symbol.asyncDispose]();
    });
    await backend.migrate(MIGRATIONS);
    return { backend, proxy };
  }
  const add = (db: Kysely<Tables>, name: string) =>
    db.insertInto('settings').values({ name, value: '' }).execute();
  const sleepAndAdd = (db: Kysely<Tables>, name: string) =>
    sql`insert into settings (name, value) select ${name}, pg_sleep(0.2)::text`.execute(db);
  const fail = (db: Kysely<Tables>) => sql`select 1 / ${0}::int`.execute(db);
  const names = async (db: Kysely<Tables>) => {
    const rows = await db.selectFrom('settings').select('name').orderBy('name').execute();
    return rows.map(({ name }) => name).filter((name) => /^[a-z]$/.test(name));
  };

  test('are carried out in order, and committed together', async (context) => {
    const { backend } = await open(context);
    const seen = await backend.transaction(async (db) => {
      const [, inside] = await allEnded([sleepAndAdd(db, 'a'), names(db), add(db, 'b')]);
      return [inside, await names(backend.reader)];
    });
    assert.deepEqual(seen, [['a'], []]);
    assert.deepEqual(await names(backend.reader), ['a', 'b']);
  });

  for (const [position, works] of [
    ['first', [fail, add, sleepAndAdd]],
    ['in the middle', [add, fail, sleepAndAdd]],
    ['last', [sleepAndAdd, add, fail]],
  ] as const) {
    test(`one that fails ${position}: none is stored, and the error is its own`, async (context) => {
      const { backend } = await open(context);
      const failing = backend.transaction((db) =>
        // The last in the list asks first, so a statement after the failed one is awaited first.
        allEnded(works.map((work, index) => work(db, 'abc'[index]!)).toReversed()),
      );
      await assert.rejects(failing, { code: '22012', message: 'division by zero' });
      assert.deepEqual(await names(backend.reader), []);
      // The connection is whole.
      await backend.transaction((db) => add(db, 'd'));
      assert.deepEqual(await names(backend.reader), ['d']);
    });
  }

  test('work that throws while they are under way: none is stored', async (context) => {
    const { backend } = await open(context);
    const failing = backend.transaction(async (db) => {
      const adding = sleepAndAdd(db, 'a');
      await add(db, 'b').then(() => adding);
      throw new Conflict('changed');
    });
    await assert.rejects(failing, Conflict);
    assert.deepEqual(await names(backend.reader), []);
  });

  test('a commit after a failure that nobody looked at is refused', async (context) => {
    const { backend } = await open(context);
    const ignoring = backend.transaction(async (db) => {
      await allEnded([add(db, 'a'), fail(db).catch(() => {}), add(db, 'b').catch(() => {})]);
    });
    await assert.rejects(ignoring, /The transaction was rolled back/);
    assert.deepEqual(await names(backend.reader), []);
  });

  test('a deadlock is told as such, so the transaction is run again', async (context) => {
    const { backend } = await open(context);
    await backend.transaction((db) => allEnded([add(db, 'a'), add(db, 'b')]));
    const touch = (db: Kysely<Tables>, name: string) =>
      db.updateTable('settings').set({ value: 'x' }).where('name', '=', name).execute();
    let runs = 0;
    let held = 0;
    const { promise: bothHold, resolve } = Promise.withResolvers<void>();
    const both = (one: string, other: string) =>
      backend.transaction(async (db) => {
        runs++;
        await touch(db, one);
        // Each has what the other wants.
        if (++held === 2) resolve();
        await bothHold;
        await allEnded([names(db), touch(db, other)]);
      });
    await Promise.all([both('a', 'b'), both('b', 'a')]);
    // The one that is run again may be as fast as the other one, and meet it again.
    assert.ok(runs >= 3, `${runs} runs`);
    assert.deepEqual(await names(backend.reader), ['a', 'b']);
  });

  test('a connection lost while they are under way: all fail, none is stored, the next connection works', async (context) => {
    const { backend, proxy } = await open(context);
    const cut = backend.transaction(async (db) => {
      const adding = [sleepAndAdd(db, 'a'), add(db, 'b'), names(db)];
      setTimeout(() => proxy.cutAfter(0), 50);
      await allEnded(adding);
    });
    await assert.rejects(cut, StoreUnavailable);
    proxy.mend();
    assert.deepEqual(await names(backend.reader), []);
    await backend.transaction((db) => add(db, 'c'));
    assert.deepEqual(await names(backend.reader), ['c']);
  });

  test('take one journey with the beginning of their transaction, and its end another', async (context) => {
    const { backend, proxy } = await open(context);
    const transact = () =>
      backend.transaction((db) => allEnded([add(db, 'a'), names(db), add(db, 'b')]));
    await transact();
    await backend.transaction((db) => db.deleteFrom('settings').execute());
    const before = proxy.sendings;
    await transact();
    assert.equal(proxy.sendings - before, 2);
  });

  test('those that are asked for while others are under way wait for them, and take one journey', async (context) => {
    const { backend, proxy } = await open(context);
    await backend.transaction((db) => allEnded([add(db, 'a'), names(db), sleepAndAdd(db, 'b')]));
    const before = proxy.sendings;
    const seen = await backend.transaction(async (db) => {
      const works: Promise<unknown>[] = [sleepAndAdd(db, 'c')];
      for (const work of [names, (tables: Kysely<Tables>) => add(tables, 'd'), names]) {
        await nextTurn();
        works.push(work(db));
      }
      return allEnded(works);
    });
    assert.deepEqual(
      [seen[1], seen[3]],
      [
        ['a', 'b', 'c'],
        ['a', 'b', 'c', 'd'],
      ],
    );
    assert.equal(proxy.sendings - before, 3, 'with the beginning, those that waited, the commit');
  });

  test('one that fails while others wait: none is stored, and the connection is whole', async (context) => {
    const { backend } = await open(context);
    const failing = backend.transaction(async (db) => {
      const slow = sql`select 1 / (length(pg_sleep(0.2)::text))`.execute(db);
      await nextTurn();
      const waiting = [add(db, 'a')];
      await nextTurn();
      await allEnded([slow, ...waiting, add(db, 'b')]);
    });
    await assert.rejects(failing, { code: '22012', message: 'division by zero' });
    assert.deepEqual(await names(backend.reader), []);
    await backend.transaction((db) => add(db, 'c'));
    assert.deepEqual(await names(backend.reader), ['c']);
  });

  for (const [end, leave] of [
    ['rollback', () => Promise.reject(new Conflict('changed'))],
    ['commit', () => Promise.resolve()],
  ] as const) {
    test(`a ${end} that waits together with one that fails: none is stored, and the connection is whole`, async (context) => {
      const { backend } = await open(context);
      const ending = backend.transaction(async (db) => {
        const left = [add(db, 'a'), sleepAndAdd(db, 'b')];
        await nextTurn();
        left.push(fail(db));
        for (const work of left) work.catch(() => {});
        await nextTurn();
        return leave();
      });
      await assert.rejects(ending);
      for (let round = 0; round < 3; round += 1) {
        assert.deepEqual(await names(backend.reader), []);
        await backend.transaction((db) => names(db));
      }
    });
  }

  test('a connection that is released in a transaction is closed', async (context) => {
    const pool = new PostgresPool(await databaseWithTables());
    const connections = new Connections(pool);
    context.after(() => connections.close());
    const left = await connections.acquire();
    await left.begin('begin');
    const own = async () => (await connections.run('select pg_backend_pid()', [])).rows[0]![0];
    const pid = (await left.run('select pg_backend_pid()', [])).rows[0]![0];
    left.release();
    assert.notEqual(await own(), pid);
    assert.equal(await own(), await own());
  });

  test('an answer that takes too long is not waited for, nor what is asked for behind it; the next connection is another', async (context) => {
    const pool = new PostgresPool(await databaseWithTables(), { max: 1 });
    const connections = new Connections(pool);
    context.after(() => connections.close());
    const { rows } = await connections.run('select pg_backend_pid()', []);
    const client = await pool.acquire();
    pool.sessionOf(client).answerLimitMs = 100;
    client.release();
    const connection = await connections.acquire();
    const began = performance.now();
    const asked = [connection.run('select pg_sleep(3)', [])];
    await nextTurn();
    asked.push(connection.run('select 1', []));
    for (const one of asked) await assert.rejects(one, StoreUnavailable);
    assert.ok(performance.now() - began < 2_000);
    assert.equal(connection.isBroken, true);
    connection.release();
    assert.notDeepEqual((await connections.run('select pg_backend_pid()', [])).rows, rows);
  });

  test('each answer may take as long as any other, however many there were', async (context) => {
    const pool = new PostgresPool(await databaseWithTables(), { max: 1 });
    const connections = new Connections(pool);
    context.after(() => connections.close());
    const client = await pool.acquire();
    pool.sessionOf(client).answerLimitMs = 300;
    client.release();
    const own = async () =>
      (await connections.run('select pg_backend_pid(), pg_sleep(0.1)', [])).rows[0]![0];
    const pid = await own();
    for (let count = 0; count < 4; count++) assert.equal(await own(), pid);
  });

  test('a transaction without statements takes none', async (context) => {
    const { backend, proxy } = await open(context);
    await names(backend.reader);
    const before = proxy.sendings;
    assert.equal(await backend.transaction(async () => 1), 1);
    await assert.rejects(
      backend.transaction(() => Promise.reject(new Conflict('changed'))),
      Conflict,
    );
    assert.equal(proxy.sendings, before);
  });

  test('are refused once their transaction has ended', async (context) => {
    const { backend } = await open(context);
    const kept = await backend.transaction(async (db) => {
      await add(db, 'a');
      return { db };
    });
    await assert.rejects(add(kept.db, 'b'), /The transaction has ended/);
    assert.deepEqual(await names(backend.reader), ['a']);
  });

  test('none is carried out if their transaction does not begin', async (context) => {
    const { backend, proxy } = await open(context);
    const connections = new Connections(new PostgresPool(proxy.url, { max: 1 }));
    context.after(() => connections.close());
    const insert = (name: string) => `insert into settings (name, value) values ('${name}', '')`;
    // Under the name of what begins transactions: a statement that fails the second time.
    await connections.run(insert('a'), [], 'begin');
    const connection = await connections.acquire();
    const transaction = new PostgresTransaction(connection);
    const statements = [transaction.run(insert('b'), []), transaction.run('select 1', [])];
    const results = await Promise.allSettled(statements);
    await transaction.rollBack();
    connection.release();
    assert.deepEqual(
      results.map((result) => result.status === 'rejected' && (result.reason as Error).name),
      ['AlreadyExists', 'AlreadyExists'],
    );
    assert.deepEqual(await names(backend.reader), ['a']);
  });

  test('none of a later batch is carried out either, nor is it committed', async (context) => {
    const { backend, proxy } = await open(context);
    const connections = new Connections(new PostgresPool(proxy.url, { max: 1 }));
    context.after(() => connections.close());
    const insert = (name: string) => `insert into settings (name, value) values ('${name}', '')`;
    await connections.run(insert('a'), [], 'begin');
    const connection = await connections.acquire();
    const transaction = new PostgresTransaction(connection);
    const first = transaction.run('select 1', []);
    // The first batch is on its way, so these are in another one.
    await nextTurn();
    const later = [transaction.run(insert('b'), []), transaction.commit()];
    const results = await Promise.allSettled([first, ...later]);
    connection.release();
    assert.deepEqual(
      results.map((result) => result.status === 'rejected' && (result.reason as Error).name),
      ['AlreadyExists', 'AlreadyExists', 'AlreadyExists'],
    );
    assert.deepEqual(await names(backend.reader), ['a']);
    // The connection is as good as before.
    await connections.run(insert('c'), []);
    assert.deepEqual(await names(backend.reader), ['a', 'c']);
  });

  test('a statement is prepared again after its table has got another column', async (context) => {
    const { backend } = await open(context);
    const all = (db: Kysely<Tables>) =>
      db.selectFrom('settings').selectAll().where('name', '=', 'a').execute();
    await backend.transaction((db) => add(db, 'a'));
    assert.deepEqual(await backend.transaction(all), [{ name: 'a', value: '' }]);
    await sql`alter table settings add column more text`.execute(backend.reader);
    assert.deepEqual(await backend.transaction(all), [{ name: 'a', value: '', more: null }]);
  });

  test('values of every type arrive as they are', async (context) => {
    const { backend } = await open(context);
    const texts = ['', 'a"b', 'c\\d', '{e,f}', 'null', 'ü😀', ' g '];
    const read = () =>
      sql`select ${'x'}::text as text, ${null}::text as nothing, ${7}::int as number,
            ${2 ** 40}::int8 as large, ${1.5}::float8 as float, ${true}::boolean as truth,
            ${Uint8Array.of(0, 255)}::bytea as bytes, ${texts}::text[] as texts,
            ${[1, null, -2]}::int[] as numbers`.execute(backend.reader);
    await read();
    const { rows } = await read();
    assert.deepEqual(rows, [
      {
        text: 'x',
        nothing: null,
        number: 7,
        large: 2 ** 40,
        float: 1.5,
        truth: true,
        bytes: Buffer.of(0, 255),
        texts,
        numbers: [1, null, -2],
      },
    ]);
  });
});
