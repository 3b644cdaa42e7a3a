// Finding due callbacks by steps in an index, so pending ones of one account do not hold up another.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Backend } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { CALLBACKS, Outbox } from '../../src/store/outbox.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { CallbackAttemptRow, CallbackRow } from '../../src/store/schema.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { onEachDatabase } from '../databases.ts';

const NOON = '2026-11-23T12:00:00.000Z';
const ONE = '2026-11-23T13:00:00.000Z';

type Callbacks = Outbox<CallbackRow, CallbackAttemptRow>;

let serial = 0;
function callback(fields: Partial<CallbackRow> = {}): CallbackRow {
  const digits = String(++serial).padStart(32, '0');
  return {
    account_sid: 'A',
    sid: `CB${digits}`,
    resource_sid: `HP${digits}`,
    receiver: 'http://receiver',
    url: 'http://receiver/',
    method: 'POST',
    parameters: '[]',
    state: 'pending',
    attempts: 0,
    next_attempt_at: NOON,
    locked_until: null,
    date_created: NOON,
    date_settled: null,
    ...fields,
  };
}

onEachDatabase('due callbacks', (database) => {
  let folder: string;
  let backend: Backend;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simwright-due-'));
    const url = await database.own();
    backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    await backend.migrate(MIGRATIONS);
  });
  after(async () => {
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs in a database with only these callbacks. */
  function withRows<T>(rows: CallbackRow[], work: (callbacks: Callbacks) => Promise<T>) {
    return backend.transaction(async (db) => {
      await db.deleteFrom('callbacks').execute();
      if (rows.length > 0) await db.insertInto('callbacks').values(rows).execute();
      return work(new Outbox(CALLBACKS, db, backend.flavor, setImmediate));
    });
  }

  test('are found by account and by receiver, each once, page by page', async () => {
    const rows = ['A', 'B', 'B', 'C', 'D', 'E'].map((account_sid) => callback({ account_sid }));
    rows.push(
      ...['a', 'b', 'b', 'c'].map((receiver) => callback({ account_sid: 'B', receiver })),
      callback({ account_sid: 'F', next_attempt_at: ONE }),
      callback({ account_sid: 'G', locked_until: ONE }),
      callback({ account_sid: 'H', state: 'failed' }),
    );
    await withRows(rows, async (callbacks) => {
      assert.deepEqual(await callbacks.dueAccounts(NOON, '', 3), ['A', 'B', 'C']);
      assert.deepEqual(await callbacks.dueAccounts(NOON, 'C', 3), ['D', 'E']);
      const receivers = async (last: string) =>
        (await callbacks.dueReceivers('B', NOON, last, 2)).map(({ name }) => name);
      assert.deepEqual(await receivers(''), ['a', 'b']);
      assert.deepEqual(await receivers('b'), ['c', 'http://receiver']);
      assert.deepEqual(await receivers('http://receiver'), []);
      assert.deepEqual(await callbacks.dueReceivers('F', NOON, '', 2), []);
    });
    await withRows([], async (callbacks) => {
      assert.deepEqual(await callbacks.dueAccounts(NOON, '', 3), []);
      assert.deepEqual(await callbacks.dueReceivers('A', NOON, '', 3), []);
    });
  });

  test('exclude a receiver whose only due one waits behind one being sent', async () => {
    const rows = ['a', 'b'].flatMap((receiver) => [
      callback({ receiver, resource_sid: receiver, locked_until: ONE }),
      callback({ receiver, resource_sid: receiver }),
    ]);
    rows.push(callback({ receiver: 'b' }));
    await withRows(rows, async (callbacks) => {
      const { sid } = rows.at(-1)!;
      assert.deepEqual(await callbacks.dueReceivers('A', NOON, '', 9), [{ name: 'b', sid }]);
      assert.deepEqual(await callbacks.claimable('A', 'b', NOON, 9), [sid]);
      const claimed = await callbacks.claim('A', [sid, rows[0]!.sid], NOON, ONE);
      assert.deepEqual(
        claimed.map((row) => row.sid),
        [sid],
        'not the one under way',
      );
      assert.deepEqual(await callbacks.dueReceivers('A', NOON, '', 9), []);
    });
  });

  test('cost the same with 100,000 pending, even before the database has statistics', async (context) => {
    if (backend.flavor.name !== 'postgres')
      return context.skip('SQLite tells nobody what it reads');
    await backend.transaction(async (db) => {
      await db.deleteFrom('callbacks').execute();
      // For a hundred receivers of one account, one being sent and the rest due; and one of another account.
      await sql`insert into callbacks
        select 'A', 'CB' || lpad(n::text, 32, '0'), 'HP' || n, 'http://receiver' || n % 100, '', 'POST',
          '[]', 'pending', 0, ${NOON}, case when n <= 100 then ${ONE} end, ${NOON}
        from generate_series(1, 100000) as s(n)`.execute(db);
      await db
        .insertInto('callbacks')
        .values(callback({ account_sid: 'B' }))
        .execute();
    });
    const read = await backend.transaction(async (db) => {
      const callbacks = new Outbox(CALLBACKS, db, backend.flavor, setImmediate);
      assert.deepEqual(await callbacks.dueAccounts(NOON, '', 16), ['A', 'B']);
      const receivers = await callbacks.dueReceivers('A', NOON, '', 64);
      assert.equal(receivers.length, 64);
      const sids = await callbacks.claimable('A', receivers[0]!.name, NOON, 8);
      assert.equal((await callbacks.claim('A', sids, NOON, ONE)).length, 8);
      const { rows } = await sql<{ rows: number }>`
        select seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_user_tables
        where relname = 'callbacks'`.execute(db);
      return rows[0]!.rows;
    });
    assert.ok(read < 2_000, `${read} rows were read`);
  });
});
