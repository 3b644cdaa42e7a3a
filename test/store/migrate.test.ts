// Migrations: forward only, and never a database that a newer version has made.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { StoreMismatch, StoreUnavailable } from '../../src/store/errors.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openStore } from '../../src/store/open.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { onEachDatabase } from '../databases.ts';

onEachDatabase('migrations', (database) => {
  test('add to what is there; a database of a newer version is refused', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const file = join(folder, 'test.db');
    const open = () => (url === undefined ? openSqlite(file) : openPostgres(url));
    const config =
      url === undefined ? { kind: 'sqlite' as const, file } : { kind: 'postgres' as const, url };

    const store = await openStore(config);
    await store.transaction((tables) => tables.settings.insert('name', 'value'));
    await store.close();

    const newer = open();
    await newer.migrate({
      ...MIGRATIONS,
      '999-newer': () => ['alter table settings add column newer text'],
    });
    const kept = await newer.reader.selectFrom('settings').select('value').execute();
    assert.deepEqual(
      kept.map(({ value }) => value),
      ['value'],
    );
    await newer.close();

    await assert.rejects(openStore(config), StoreMismatch);
  });

  test('a user or a database that PostgreSQL refuses is told in words', async (context) => {
    const url = await database.fresh();
    if (url === undefined) return context.skip('SQLite has neither');
    for (const part of ['password', 'pathname'] as const) {
      const wrong = new URL(url);
      wrong[part] = 'wrong';
      await assert.rejects(openStore({ kind: 'postgres', url: wrong.href }), StoreUnavailable);
    }
  });

  test('that fail leave nothing behind', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    await assert.rejects(
      backend.migrate({ '001-broken': () => ['create table half (a text)', 'no statement'] }),
    );
    await backend.migrate({ '001-mended': () => ['create table half (a text)'] });
    await backend.close();
  });
});

test('a PostgreSQL that is out of reach is told as such', async () => {
  await assert.rejects(
    openStore({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:9/none' }),
    (error) => {
      const backend = openPostgres('postgres://nobody@127.0.0.1:9/none');
      return error instanceof StoreUnavailable || backend.isUnavailable(error);
    },
  );
});
