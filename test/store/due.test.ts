// Finding what is due by steps in an index, so pending rows of one account do not hold up another.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import type { Backend } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { CALLBACKS, Outbox, PROGRESS_REPORTS } from '../../src/store/outbox.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type {
  CallbackAttemptRow,
  CallbackRow,
  ProgressAttemptRow,
  ProgressReportRow,
} from '../../src/store/schema.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { onEachDatabase } from '../databases.ts';

const NOON = '2026-11-23T12:00:00.000Z';
const ONE = '2026-11-23T13:00:00.000Z';
const LATER = '2026-11-23T14:00:00.000Z';

type Callbacks = Outbox<CallbackRow, CallbackAttemptRow>;
type Reports = Outbox<ProgressReportRow, ProgressAttemptRow>;

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
    request_id: null,
    state: 'pending',
    attempts: 0,
    next_attempt_at: NOON,
    locked_until: null,
    date_created: NOON,
    date_settled: null,
    ...fields,
  };
}

function report(iccid: string, fields: Partial<ProgressReportRow> = {}): ProgressReportRow {
  return {
    account_sid: 'A',
    sid: `PR${String(++serial).padStart(32, '0')}`,
    operator_sid: 'OP',
    iccid,
    order_number: 1,
    notification_point_id: 3,
    status: 'Executed-Success',
    request: '{}',
    state: 'pending',
    attempts: 0,
    next_attempt_at: NOON,
    locked_until: null,
    date_created: NOON,
    date_settled: null,
    ...fields,
  };
}

onEachDatabase('what is due', (database) => {
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

  test('callbacks are found by account and by receiver, each once, page by page', async () => {
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

  test('callbacks exclude a receiver whose only due one waits behind one being sent', async () => {
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

  test('callbacks cost the same with 100,000 pending, even before the database has statistics', async (context) => {
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

  /** Runs in a database with only these reports. */
  function withReports<T>(rows: ProgressReportRow[], work: (reports: Reports) => Promise<T>) {
    return backend.transaction(async (db) => {
      await db.deleteFrom('progress_attempts').execute();
      await db.deleteFrom('progress_reports').execute();
      const reports: Reports = new Outbox(PROGRESS_REPORTS, db, backend.flavor, setImmediate);
      await Promise.all(rows.map((row) => reports.insert(row)));
      return work(reports);
    });
  }

  const claimableAt = async (reports: Reports, date: string) =>
    (await reports.claimable('A', 'OP', date, 99)).toSorted();
  const datesOf = async (reports: Reports, ...rows: ProgressReportRow[]) =>
    Promise.all(rows.map(async ({ sid }) => (await reports.find('A', sid))?.next_attempt_at));

  /** An attempt that leads to `changes`. */
  async function attempt(
    reports: Reports,
    row: ProgressReportRow,
    changes: Partial<ProgressReportRow>,
    now = NOON,
  ): Promise<void> {
    const [claimed] = await reports.claim('A', [row.sid], now, ONE);
    const logged: ProgressAttemptRow = {
      account_sid: 'A',
      progress_report_sid: row.sid,
      attempt: claimed!.attempts + 1,
      date_started: now,
      duration_ms: 1,
      status_code: null,
      error: null,
      response: null,
    };
    const next = { ...claimed!, attempts: claimed!.attempts + 1, ...changes };
    await reports.settle(claimed!, logged, next);
  }

  test('reports about one profile wait for the older ones, also for one that is to be retried', async () => {
    const [first, second, third, other] = ['P', 'P', 'P', 'Q'].map((iccid) => report(iccid)) as [
      ProgressReportRow,
      ProgressReportRow,
      ProgressReportRow,
      ProgressReportRow,
    ];
    await withReports([first, second, third, other], async (reports) => {
      assert.deepEqual(await claimableAt(reports, NOON), [first.sid, other.sid]);
      await attempt(reports, first, { next_attempt_at: ONE });
      assert.deepEqual(await claimableAt(reports, NOON), [other.sid]);
      assert.deepEqual(
        await datesOf(reports, second, third),
        [ONE, ONE],
        'what waits does not look due',
      );
      assert.equal(await reports.lastDue('A', 'P', 'OP'), ONE);
      assert.equal(await reports.lastDue('A', 'none', 'OP'), undefined);
      // By hand, the older ones go first.
      assert.equal(await reports.retry('A', NOON, [third.sid]), 1);
      assert.deepEqual(await claimableAt(reports, NOON), [first.sid, other.sid]);
    });
  });

  test('a report that is settled, however, makes the next one due at once, and no more', async () => {
    for (const state of ['delivered', 'failed', 'kept'] as const) {
      const rows = [
        report('P'),
        ...Array.from({ length: 2 }, () => report('P', { next_attempt_at: ONE })),
      ] as [ProgressReportRow, ProgressReportRow, ProgressReportRow];
      await withReports(rows, async (reports) => {
        await attempt(reports, rows[0], { state, date_settled: NOON });
        assert.deepEqual(await datesOf(reports, rows[1], rows[2]), [NOON, ONE], state);
        assert.deepEqual(await claimableAt(reports, NOON), [rows[1].sid]);
      });
    }
  });

  test('reports do not wait for those about the same profile to an operator that had it before', async () => {
    const earlier = report('P', { operator_sid: 'OP0' });
    const [first, second] = [report('P'), report('P', { next_attempt_at: ONE })];
    await withReports([earlier, first, second], async (reports) => {
      await attempt(reports, earlier, { next_attempt_at: LATER });
      assert.deepEqual(await datesOf(reports, first, second), [NOON, ONE]);
      assert.deepEqual(await claimableAt(reports, NOON), [first.sid]);
      assert.equal(await reports.lastDue('A', 'P', 'OP'), ONE);
      assert.equal(await reports.retry('A', NOON, [second.sid]), 1);
      assert.deepEqual(await datesOf(reports, earlier, first, second), [LATER, NOON, NOON]);
    });
  });

  test('reports about 70 profiles that wait to be retried hold up none about another profile', async (context) => {
    if (backend.flavor.name !== 'sqlite') return context.skip('the same statements as on SQLite');
    const waiting = Array.from({ length: 70 }, (_, index) => report(`P${index}`));
    const behind = waiting.map(({ iccid }) => report(iccid));
    const other = report('Q', { next_attempt_at: ONE });
    await withReports([...waiting, ...behind, other], async (reports) => {
      for (const row of waiting) await attempt(reports, row, { next_attempt_at: LATER });
      assert.deepEqual(await claimableAt(reports, ONE), [other.sid]);
    });
  });
});
