// Orders that expire are found by an index that has no others, however many there are, even before PostgreSQL has statistics.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { EsimProfiles } from '../../src/store/esim-profiles.ts';
import type { Backend } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { onEachDatabase } from '../databases.ts';

const NOON = '2026-11-29T12:00:00Z';
const ROWS = 20_000;

onEachDatabase('orders that expire', (database) => {
  let backend: Backend;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-expiring-'));
    const url = await database.own();
    backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    await backend.migrate(MIGRATIONS);
    // One in a thousand is over, as many are not yet, and as many are over but were downloaded.
    await backend.transaction(async (db) => {
      await sql`with recursive s(n) as (select 1 union all select n + 1 from s where n < ${ROWS})
        insert into esim_profiles (account_sid, sid, status, expires_at, generate_matching_id, callback_method,
          date_created, date_updated, resource)
        select 'AC', 'HP' || n, case when n % 1000 = 3 then 'downloaded' else 'available' end,
          case n % 1000 when 1 then ${NOON} when 2 then '2026-11-29T12:00:01Z' when 3 then ${NOON} end,
          1, 'POST', '', '', '' from s`.execute(db);
    });
  });
  after(async () => {
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('are those that nobody has downloaded, first to expire first, and no more than asked for', async () => {
    await backend.transaction(async (db) => {
      const profiles = new EsimProfiles(db, backend.flavor, setImmediate);
      const found = await profiles.listExpired(NOON, 50);
      assert.equal(found.length, ROWS / 1000);
      for (const { sid } of found) assert.match(sid, /^HP\d*1$/);
      assert.equal((await profiles.listExpired(NOON, 7)).length, 7);
      assert.deepEqual(await profiles.listExpired('2026-11-29T11:59:59Z', 50), []);
    });
  });

  test('are read by their index alone', async (context) => {
    if (backend.flavor.name !== 'postgres')
      return context.skip('SQLite tells nobody what it reads');
    const read = await backend.transaction(async (db) => {
      await new EsimProfiles(db, backend.flavor, setImmediate).listExpired(NOON, 50);
      const { rows } = await sql<{ rows: number }>`
        select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables
        where relname = 'esim_profiles'`.execute(db);
      return rows[0]!.rows;
    });
    assert.ok(read < 200, `${read} rows were read`);
  });
});
