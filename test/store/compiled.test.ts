// Inserting rows with queries compiled once.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { insertRows } from '../../src/store/compiled.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { EsimProfileEventRow } from '../../src/store/schema.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { onEachDatabase } from '../databases.ts';

const EVENT: Omit<EsimProfileEventRow, 'sid'> = {
  account_sid: 'AC',
  esim_profile_sid: 'HP',
  type: 'status',
  status: 'available',
  previous_status: 'reserving',
  cause: 'cause',
  detail: null,
  date_created: 'date',
};

onEachDatabase('insertRows', (database) => {
  for (const count of [2, 100]) {
    test(`${count} rows with columns in different orders`, async (context) => {
      const folder = await mkdtemp(join(tmpdir(), 'simwright-compiled-'));
      context.after(() => rm(folder, { recursive: true, force: true }));
      const url = await database.own();
      const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
      context.after(() => backend.close());
      await backend.migrate(MIGRATIONS);

      const rows = Array.from({ length: count }, (_row, index): EsimProfileEventRow => {
        const row = { ...EVENT, sid: `EV${String(index).padStart(3, '0')}` };
        const names = Object.entries(row);
        return Object.fromEntries(index % 2 === 0 ? names : names.toReversed()) as typeof row;
      });
      await backend.transaction((db) =>
        insertRows(db, backend.flavor, 'esim_profile_events', rows),
      );
      const stored = await backend.reader
        .selectFrom('esim_profile_events')
        .selectAll()
        .orderBy('sid')
        .execute();
      assert.deepEqual(
        stored.map((row) => ({ ...row })),
        rows,
      );
    });
  }
});
