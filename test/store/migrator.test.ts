// Migrations of a PostgreSQL that others use meanwhile: nobody waits for long, nothing is done twice, and what was
// interrupted is ended by the next start.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { Client } from 'pg';
import { loadOldDatabase } from '../../torture/old-database.ts';
import { StoreMismatch, StoreUnavailable } from '../../src/store/errors.ts';
import type { Migrations } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { cutProxy } from '../cut-proxy.ts';
import { databaseWithTables, postgres, withoutPostgres as skip } from '../databases.ts';
import { freshDatabase } from '../postgres.ts';
import { eventually } from '../server.ts';

const COLUMN: Migrations = {
  ...MIGRATIONS,
  '990-column': () => [
    'alter table settings add column more text',
    'create table added (name text not null)',
    'create index added_by_name on added (name)',
  ],
};
const INDEX: Migrations = {
  ...MIGRATIONS,
  '991-index': () => ['create index settings_by_value on settings (value)'],
};
const isValid = `select indisvalid from pg_index where indexrelid = to_regclass('settings_by_value')`;

describe('migrating a PostgreSQL in use', { skip }, () => {
  /** Another program's connection to the database. */
  async function connect(context: TestContext, url: string): Promise<Client> {
    const client = new Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    context.after(() => client.end());
    return client;
  }
  function open(context: TestContext, url: string) {
    const backend = openPostgres(url);
    context.after(() => backend.close());
    return backend;
  }
  async function migrated(context: TestContext) {
    const url = await databaseWithTables();
    const backend = open(context, url);
    await backend.migrate(MIGRATIONS);
    return { url, backend, other: await connect(context, url) };
  }

  test('an index of a table that is there is created while others write it, also behind a long transaction', async (context) => {
    const { url, backend, other } = await migrated(context);
    await other.query(`begin; insert into settings values ('long', '1')`);
    const notes: string[] = [];
    const migrating = open(context, url).migrate(INDEX, { note: (note) => void notes.push(note) });
    const watching = await connect(context, url);
    await eventually(async () => (await watching.query(isValid)).rows[0]);
    const again = open(context, url).migrate(INDEX);
    await backend.transaction((db) =>
      db.insertInto('settings').values({ name: 'meanwhile', value: '1' }).execute(),
    );
    await other.query('commit');
    await Promise.all([migrating, again]);
    assert.deepEqual((await watching.query(isValid)).rows, [{ indisvalid: true }]);
    assert.match(notes.join(), /creating the index settings_by_value of settings/);
  });

  test('an index that was interrupted is created again by the next start', async (context) => {
    const { url, other } = await migrated(context);
    await other.query(`begin; insert into settings values ('long', '1')`);
    const migrating = open(context, url).migrate(INDEX);
    const watching = await connect(context, url);
    await eventually(async () => (await watching.query(isValid)).rows[0]);
    const interrupted = assert.rejects(migrating, StoreUnavailable);
    await watching.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and query like 'create index%'`);
    await interrupted;
    await other.query('commit');
    assert.deepEqual((await watching.query(isValid)).rows, [{ indisvalid: false }]);
    await open(context, url).migrate(INDEX);
    assert.deepEqual((await watching.query(isValid)).rows, [{ indisvalid: true }]);
  });

  test('behind a transaction that has read the table, a change of it lets others pass again and again', async (context) => {
    const { url, backend, other } = await migrated(context);
    await other.query('begin; select * from settings');
    const watching = await connect(context, url);
    const waits = `select 1 from pg_stat_activity where datname = current_database()
      and wait_event_type = 'Lock' and query like 'alter table%'`;
    let isOver = false;
    const migrating = open(context, url)
      .migrate(COLUMN)
      .finally(() => (isOver = true));
    await eventually(async () => (await watching.query(waits)).rows[0]);
    // Behind the change, until that gives up for a moment.
    await backend.reader.selectFrom('settings').select('name').execute();
    assert.equal(isOver, false);
    await other.query('commit');
    await migrating;
    await watching.query(`insert into added values ('')`);
  });

  test('a node that runs reads a table that has got a column as before', async (context) => {
    const { url, backend } = await migrated(context);
    const read = (name: string) =>
      backend.reader.selectFrom('settings').selectAll().where('name', '=', name).execute();
    const write = (name: string) =>
      backend.transaction(async (db) => {
        await db.selectFrom('settings').selectAll().where('name', '=', name).execute();
        await db.insertInto('settings').values({ name, value: '' }).execute();
      });
    // Each on a connection of its own, on which the statement is prepared.
    await Promise.all(Array.from({ length: 10 }, (_, index) => write(`before ${index}`)));
    await Promise.all([read('before 1'), read('before 2')]);
    await open(context, url).migrate(COLUMN);
    await Promise.all(Array.from({ length: 10 }, (_, index) => write(`after ${index}`)));
    const [after] = await read('after 1');
    assert.deepEqual({ ...after }, { name: 'after 1', value: '', more: null });
  });

  test('a node of before 034 is disconnected when a table gets a column, however new its connection is', async (context) => {
    const { url, backend } = await migrated(context);
    await backend.reader.selectFrom('settings').select('name').execute();
    const older = new Client({ connectionString: url, application_name: 'simwright' });
    const ended = Promise.withResolvers<void>();
    older.on('error', () => {}).on('end', () => ended.resolve());
    const other = await connect(context, url);
    await other.query('begin; select * from settings');
    const migrating = open(context, url).migrate(COLUMN);
    await older.connect();
    await other.query('commit');
    await Promise.all([migrating, ended.promise]);
    await other.query('select 1');
  });

  test('nodes that start at once do each step once', async (context) => {
    const url = await freshDatabase(postgres!.url);
    const all = { ...COLUMN, ...INDEX };
    await Promise.all(Array.from({ length: 4 }, () => open(context, url).migrate(all)));
    const client = await connect(context, url);
    const { rows } = await client.query(
      `select name, is_complete from schema_migrations where name > '99' order by name`,
    );
    assert.deepEqual(rows, [
      { name: '990-column', is_complete: 1 },
      { name: '991-index', is_complete: 1 },
    ]);
  });

  test('a node that loses its connection anywhere in a migration leaves what the next one ends', async (context) => {
    const url = await freshDatabase(postgres!.url);
    await loadOldDatabase({ kind: 'postgres', url });
    const client = await connect(context, url);
    const count = async () =>
      (await client.query('select count(*)::int as count from esim_profiles')).rows;
    const before = await count();
    const all = { ...COLUMN, ...INDEX };
    let failed = 0;
    for (let bytes = 4_000; ; bytes += 23_000) {
      await using proxy = await cutProxy(url);
      const backend = openPostgres(proxy.url);
      proxy.cutAfter(bytes);
      const isDone = await backend.migrate(all).then(
        () => true,
        (error: unknown) => {
          assert.ok(error instanceof StoreUnavailable, String(error));
          return false;
        },
      );
      await backend.close();
      if (isDone) break;
      failed++;
    }
    assert.ok(failed > 3, `${failed} failed`);
    await open(context, url).migrate(all);
    assert.deepEqual(await count(), before);
    const { rows } = await client.query(
      'select name from kysely_migration union all select name from schema_migrations',
    );
    assert.deepEqual(new Set(rows.map(({ name }) => name)), new Set(Object.keys(all)));
    assert.equal(rows.length, Object.keys(all).length);
  });

  test('one that older nodes could not live with is refused as long as one of them is connected', async (context) => {
    const { url, backend, other } = await migrated(context);
    await backend.reader.selectFrom('settings').select('name').execute();
    const broken: Migrations = {
      ...COLUMN,
      '992-less': {
        statements: () => ['alter table settings drop column more'],
        needs: '990-column',
      },
    };
    await assert.rejects(open(context, url).migrate(broken), (error) => {
      assert.ok(error instanceof StoreMismatch);
      assert.match(
        error.message,
        /992-less .* does not know 990-column: one is connected from 127/,
      );
      return true;
    });
    await backend.close();
    await open(context, url).migrate(broken);
    await assert.rejects(other.query('select more from settings'), /more/);
  });
});
