// What is read from PostgreSQL lives for short, and is freed as such: see docs/decisions/0088-nothing-old-that-names-what-is-new.md.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { sql } from 'kysely';
import { openPostgres } from '../../src/store/postgres.ts';
import { databaseWithTables, withoutPostgres as skip } from '../databases.ts';

const ROWS = 200;
const QUERIES = 20;
/** What V8 keeps of a row that it takes for one that lives long. */
const ROW_BYTES = 400;

test(
  'nothing that was read is kept until the whole heap is collected',
  { skip },
  async (context) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
    const backend = openPostgres(await databaseWithTables());
    context.after(() => backend.close());
    const rows = sql`select g::text, repeat('x', 300) from generate_series(1, ${ROWS}::int) g`;
    const ways = {
      reading: () => rows.execute(backend.reader),
      transaction: () => backend.transaction((db) => rows.execute(db)),
    };
    for (const [way, read] of Object.entries(ways)) {
      for (let count = 0; count < QUERIES; count++) await read();
      collect();
      const before = oldBytes();
      for (let count = 0; count < QUERIES; count++) await read();
      // What is alive is moved once within new space, and then to old space.
      for (let count = 0; count < 3; count++) collect({ type: 'minor' });
      const kept = oldBytes() - before;
      assert.ok(kept < (QUERIES * ROWS * ROW_BYTES) / 4, `${way}: ${kept} octets`);
    }
  },
);

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name: name }) => !name.startsWith('new_'))
    .reduce((sum, { space_used_size: size }) => sum + size, 0);
}
