// Lists of values in statements: every text arrives as it was given, whatever the database makes of lists.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { sql } from 'kysely';
import { insertRows, runWithLists } from '../../src/store/compiled.ts';
import type { Backend } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { CallbackRow } from '../../src/store/schema.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { updateMany } from '../../src/store/update-many.ts';
import { onEachDatabase } from '../databases.ts';

const TEXTS = [
  '',
  'null',
  '"quoted", {braces}, (a,b) and back\\slash',
  "it's\n\ttwo lines",
  'ÄÖÜ ß 漢字 👋🏽',
  '\u2028',
  'lone \ud83d',
];
/** UTF-8 has no surrogates. */
const stored = (text: string) => text.toWellFormed();

const callback = (index: number, url: string): CallbackRow => ({
  account_sid: 'AC',
  sid: `CB${index}`,
  resource_sid: 'HP',
  receiver: 'r',
  url,
  method: 'POST',
  parameters: '[]',
  request_id: null,
  state: 'pending',
  attempts: index,
  next_attempt_at: '',
  locked_until: index % 2 === 0 ? null : 'then',
  date_created: '',
  date_settled: null,
});

interface PlanNode {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Join Filter'?: number;
  Plans?: PlanNode[];
}

/** How many rows of a table a statement has read, those that it did not want included. */
function rowsRead(table: string, plan: PlanNode): number {
  const own =
    plan['Relation Name'] === table
      ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops']
      : 0;
  return (plan.Plans ?? []).reduce((sum, part) => sum + rowsRead(table, part), own);
}

onEachDatabase('lists', (database) => {
  async function open(context: TestContext): Promise<Backend> {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-lists-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.own();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    await backend.migrate(MIGRATIONS);
    return backend;
  }
  const rowsIn = async ({ reader }: Backend) => {
    const rows = await reader.selectFrom('callbacks').selectAll().orderBy('sid').execute();
    return rows.map((row) => ({ ...row }));
  };

  test('rows are inserted and updated with any text, null, and numbers', async (context) => {
    const backend = await open(context);
    const { flavor } = backend;
    const rows = TEXTS.map((text, index) => callback(index, text));
    await backend.transaction((db) => insertRows(db, flavor, 'callbacks', rows));
    assert.deepEqual(
      await rowsIn(backend),
      rows.map((row) => ({ ...row, url: stored(row.url) })),
    );

    const changes = rows.map(({ account_sid, sid, attempts, url }) => ({
      where: { account_sid, sid, attempts },
      set: { attempts: attempts + 10, parameters: `[${url}]`, locked_until: null },
    }));
    const found = await backend.transaction((db) => updateMany(db, flavor, 'callbacks', changes));
    assert.equal(found, rows.length);
    assert.deepEqual(
      await rowsIn(backend),
      rows.map((row, index) => ({
        ...row,
        url: stored(row.url),
        ...changes[index]!.set,
        parameters: stored(`[${row.url}]`),
      })),
    );
  });

  test('rows are found by any text, whatever their number', async (context) => {
    const backend = await open(context);
    const { flavor, reader } = backend;
    const rows = TEXTS.map((text, index) => callback(index, text));
    await backend.transaction((db) => insertRows(db, flavor, 'callbacks', rows));
    for (const texts of [
      TEXTS.slice(2, 3),
      TEXTS,
      Array.from({ length: 100 }, () => TEXTS).flat(),
    ]) {
      const given = { accountSids: ['AC', 'other'], texts };
      const found = await runWithLists(reader, flavor, 'test', given, (lists) =>
        reader
          .selectFrom('callbacks')
          .select('url')
          .where(flavor.lists.among(sql.ref('account_sid'), lists.accountSids))
          .where(flavor.lists.among(sql.ref('url'), lists.texts))
          .orderBy('sid'),
      );
      const ofOne = { accountSids: ['AC'], texts };
      const foundOfOne = await runWithLists(reader, flavor, 'test of one', ofOne, (lists) =>
        reader
          .selectFrom('callbacks')
          .select('url')
          .where(flavor.lists.ofAccounts(lists.accountSids, sql.ref('url'), lists.texts))
          .orderBy('sid'),
      );
      for (const { rows: those } of [found, foundOfOne]) {
        assert.deepEqual(
          those.map(({ url }) => url),
          [...new Set(texts)].map(stored),
        );
      }
    }
  });

  // SQLite and Citus take a list value by value.
  if (database.name !== 'PostgreSQL') return;
  test('no other rows are read of an account that the statistics of PostgreSQL do not know', async (context) => {
    const backend = await open(context);
    const { flavor, reader } = backend;
    const fill = async (accountSid: string) => {
      const rows = Array.from({ length: 2000 }, (_row, index) => ({
        ...callback(index, 'https://example.com'),
        account_sid: accountSid,
        resource_sid: `HP${index}`,
      }));
      await backend.transaction((db) => insertRows(db, flavor, 'callbacks', rows));
    };
    await fill('known');
    await sql`analyze callbacks`.execute(reader);
    await fill('new');
    for (const sought of [['HP3', 'HP5', 'HP7'], ['HP3']]) {
      const found = reader
        .selectFrom('callbacks')
        .selectAll()
        .where(flavor.lists.ofAccounts(['new'], sql.ref('resource_sid'), sought));
      const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>`
        explain (analyze, format json) ${found}`.execute(reader);
      const read = rowsRead('callbacks', rows[0]!['QUERY PLAN'][0].Plan);
      assert.equal(read, sought.length);
    }
  });
});
