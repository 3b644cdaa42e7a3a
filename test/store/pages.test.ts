// Which index each list uses: no filter reads or sorts more than the page.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { Kysely, SqliteDialect } from 'kysely';
import { findClaimable, findDueAccounts, findDueReceivers } from '../../src/store/due.ts';
import { EsimProfileSearch } from '../../src/store/esim-profile-search.ts';
import type { SearchTerm } from '../../src/operator/esim-profile-search.ts';
import type { Backend } from '../../src/store/flavor.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { counterOf } from '../../src/store/counts.ts';
import { CALLBACKS } from '../../src/store/outbox.ts';
import { pagesOf } from '../../src/store/pages.ts';
import type { Bounds, Filter, Position } from '../../src/store/pages.ts';
import type { Tables } from '../../src/store/schema.ts';
import { adapt, prepareOnce } from '../../src/store/sqlite-dialect.ts';
import { openSqlite } from '../../src/store/sqlite.ts';

const ACCOUNT = { account_sid: 'AC' };
const STATUS = { status: ['available', 'failed', 'new'] };
const DATES: Bounds = { above: 'HP1', below: 'HP9' };

let folder: string;
let backend: Backend;
let raw: DatabaseSync;
let plan: string[];
/** Grows whenever SQLite prepares a statement. */
let prepared = 0;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simwright-pages-'));
  backend = openSqlite(join(folder, 'test.db'));
  await backend.migrate(MIGRATIONS);
  raw = new DatabaseSync(join(folder, 'test.db'));
  raw.setAuthorizer(() => {
    prepared++;
    return constants.SQLITE_OK;
  });
});
after(async () => {
  raw.close();
  await backend.close();
  await rm(folder, { recursive: true });
});

/** The query plan of a page. */
async function planOf(
  table: 'callbacks' | 'esim_profiles' | 'esim_profile_metadata' | 'sims',
  filter: Filter,
  bounds: Bounds,
) {
  const explaining: Backend = {
    ...backend,
    prepare: (sql) => async (parameters) => {
      const rows = raw.prepare(`explain query plan ${sql}`).all(...(parameters as string[]));
      plan = rows.map(({ detail }) => String(detail));
      return [];
    },
  };
  const pages = pagesOf(explaining, table, ['sid'], () => ({}));
  const positions: Position[] = [
    { kind: 'first' },
    { kind: 'older', than: 'HP5' },
    { kind: 'newer', than: 'HP5' },
  ];
  const found = new Set<string>();
  for (const position of positions) {
    await pages({ ...ACCOUNT, ...filter }, position, 50, bounds);
    for (const line of plan) {
      assert.doesNotMatch(line, /TEMP B-TREE|^SCAN/, plan.join('\n'));
      const search = /^SEARCH \w+ (?:EXISTS )?USING (?:COVERING )?(?:INDEX )?(.+?) \(/.exec(line);
      if (search) found.add(search[1]!);
    }
  }
  return [...found].toSorted();
}

describe('a page uses', () => {
  for (const [table, filter, index] of [
    ['esim_profiles', {}, 'PRIMARY KEY'],
    ['esim_profiles', STATUS, 'esim_profiles_by_status'],
    ['esim_profiles', { eid: 'E' }, 'esim_profiles_by_eid_end'],
    ['esim_profiles', { eid: 'E', ...STATUS }, 'esim_profiles_by_eid_and_status'],
    ['esim_profiles', { sim_sid: 'HS' }, 'esim_profiles_by_sim_sid'],
    ['esim_profiles', { iccid: '89' }, 'esim_profiles_by_iccid'],
    ['esim_profiles', { eid: 'E', iccid: '89', ...STATUS }, 'esim_profiles_by_iccid'],
    ['esim_profiles', { matching_id: 'A' }, 'esim_profiles_by_matching_id'],
    ['esim_profiles', { eid: 'E', matching_id: 'A', ...STATUS }, 'esim_profiles_by_matching_id'],
    ['esim_profiles', { profile_type: 'T' }, 'esim_profiles_by_profile_type'],
    [
      'esim_profiles',
      { eid: 'E', profile_type: 'T', ...STATUS },
      'esim_profiles_by_eid_and_status',
    ],
    [
      'esim_profiles',
      { friendly_name: 'N', friendly_name_folded: 'N' },
      'esim_profiles_by_friendly_name',
    ],
    [
      'esim_profiles',
      { iccid: '89', friendly_name: 'N', friendly_name_folded: 'N' },
      'esim_profiles_by_iccid',
    ],
    ['esim_profile_metadata', { name: 'K', value: 'V' }, 'PRIMARY KEY'],
    ['callbacks', {}, 'PRIMARY KEY'],
    ['callbacks', { state: 'failed' }, 'callbacks_by_state'],
    ['callbacks', { state: ['pending', 'failed'] }, 'callbacks_by_state'],
    ['callbacks', { resource_sid: 'HP' }, 'callbacks_by_resource'],
    ['callbacks', { resource_sid: 'HP', state: ['pending', 'failed'] }, 'callbacks_by_resource'],
    ['sims', { iccid: '89' }, 'sims_by_iccid'],
    ['sims', { unique_name: 'A' }, 'sims_by_unique_name'],
    ['sims', STATUS, 'sims_by_status'],
    ['sims', { fleet_sid: 'HF' }, 'sims_by_fleet'],
    ['sims', { fleet_sid: 'HF', ...STATUS }, 'sims_by_fleet_and_status'],
  ] as const) {
    const names = [table, ...Object.keys(filter)].join(', ');
    test(`${index} for ${names}, with dates too`, async () => {
      for (const bounds of [{}, DATES, { above: 'HP1' }, { below: 'HP9' }]) {
        assert.deepEqual(await planOf(table, filter, bounds), [index]);
      }
    });
  }
});

describe('SQLite prepares once', () => {
  for (const [table, filter] of [
    ['esim_profiles', {}],
    ['esim_profiles', STATUS],
    ['esim_profiles', { status: 'failed' }],
    ['esim_profiles', { eid: 'E' }],
    ['esim_profiles', { eid: 'E', status: 'failed' }],
    ['callbacks', { resource_sid: 'HP', state: ['pending', 'failed'] }],
    ['sims', { fleet_sid: 'HF', status: 'new' }],
  ] as const) {
    test(`the page of ${[table, ...Object.keys(filter)].join(', ')}, whatever its values`, async () => {
      const asked: string[] = [];
      const pages = pagesOf(
        {
          ...backend,
          prepare(sql) {
            const statement = prepareOnce(raw, sql);
            return async (parameters) => {
              asked.push(sql);
              const once = prepared;
              statement.all(...(parameters as string[]));
              assert.equal(prepared, once, sql);
              return [];
            };
          },
        },
        table,
        ['sid'],
        () => ({}),
      );
      for (const account of ['AC', 'AD']) {
        for (const than of ['HP5', 'HP6']) {
          for (const bounds of [{}, DATES]) {
            await pages({ account_sid: account, ...filter }, { kind: 'older', than }, 50, bounds);
          }
        }
      }
      assert.equal(asked.length, 8);
    });
  }

  test('a query that compares with a parameter and has an order, in whatever case', async () => {
    const asks = (from: string) => `select sid from accounts where sid = ? ${from}`;
    for (const sql of [asks('ORDER BY sid'), asks('order by sid limit 1'), asks('')]) {
      const statement = prepareOnce(raw, sql);
      const once = prepared;
      for (const sid of ['AC', 'AD']) statement.all(sid);
      assert.equal(prepared, once, sql);
    }
  });
});

/** The indexes that SQLite would use for a query. */
async function readBy(ask: (db: Kysely<Tables>) => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adapt(raw) }),
    log({ query }) {
      const explained = raw.prepare(`explain query plan ${query.sql}`);
      const rows = explained.all(...(query.parameters as string[]));
      lines.push(...rows.map(({ detail }) => String(detail)));
    },
  });
  await ask(db);
  return lines.flatMap(
    (line) =>
      /^SEARCH \w+ (?:EXISTS )?USING (?:COVERING )?(?:INDEX )?(.+?) \(/.exec(line)?.[1] ?? [],
  );
}

describe('a search uses', () => {
  for (const [column, term, ...indexes] of [
    ['sid', { begins: 'HP01' }, 'PRIMARY KEY'],
    ['sim_sid', { begins: 'HS01' }, 'esim_profiles_by_sim_sid'],
    ['iccid', { begins: '8988' }, 'esim_profiles_by_iccid'],
    ['eid', { begins: '8904' }, 'esim_profiles_by_eid_and_status'],
    ['matching_id', { begins: 'CAFSK' }, 'esim_profiles_by_matching_id'],
    ['friendly_name', { begins: 'TRUCK' }, 'esim_profiles_by_friendly_name'],
    ['sid', { begins: 'HP01', ends: '7f3a' }, 'PRIMARY KEY'],
    ['iccid', { ends: '0123456789' }, 'subscriptions_by_iccid_end', 'esim_profiles_by_iccid'],
    ['eid', { begins: '8904', ends: '0074' }, 'esim_profiles_by_eid_end'],
  ] as const) {
    const how = Object.keys(term).join(' and ');
    test(`${indexes.join(', ')} for ${column} that ${how} so`, async () => {
      const found = await readBy((db) =>
        new EsimProfileSearch(db, backend.flavor).find(
          'AC',
          [{ column, ...term } as SearchTerm],
          1001,
        ),
      );
      assert.deepEqual(found, indexes);
    });
  }
});

test('the profiles that several lists have in common are read by their SIDs, and each pair of metadata by its key', async () => {
  const conditions = {
    columns: { friendly_name: 'N', friendly_name_folded: 'N', profile_type: 'T', ...STATUS },
    metadata: { a: '1', b: '2' },
    namePrefix: 'N',
  };
  const found = await readBy((db) =>
    new EsimProfileSearch(db, backend.flavor).page(
      'AC',
      ['HP1', 'HP2'],
      conditions,
      { kind: 'first' },
      50,
    ),
  );
  assert.deepEqual(found, ['PRIMARY KEY', 'PRIMARY KEY', 'PRIMARY KEY']);
});

for (const [table, filter, index] of [
  ['esim_profiles', STATUS, 'esim_profiles_by_status'],
  ['esim_profiles', { profile_type: 'T' }, 'esim_profiles_by_profile_type'],
  ['sims', { fleet_sid: 'HF', ...STATUS }, 'sims_by_fleet_and_status'],
  ['callbacks', { state: ['pending', 'failed'] }, 'callbacks_by_state'],
] as const) {
  test(`a count of ${table} by ${Object.keys(filter).join(', ')} reads nothing but ${index}`, async () => {
    const lines: string[] = [];
    const db = new Kysely<Tables>({
      dialect: new SqliteDialect({ database: adapt(raw) }),
      log({ query }) {
        const rows = raw
          .prepare(`explain query plan ${query.sql}`)
          .all(...(query.parameters as string[]));
        lines.push(...rows.map(({ detail }) => String(detail)));
      },
    });
    await counterOf({ ...backend, reader: db }, table)({ ...ACCOUNT, ...filter }, 10_000);
    const read = lines.filter((line) => line.startsWith('SEARCH'));
    assert.ok(read.length > 0);
    for (const line of read) assert.match(line, new RegExp(`USING COVERING INDEX ${index} `));
  });
}

test('the index of states does not mislead queries for due callbacks', async () => {
  const due = await readBy(async (db) => {
    await findDueAccounts(db, CALLBACKS, { isSpread: false }, '2026', '', 10);
    await findDueReceivers(db, CALLBACKS, 'AC', '2026', '', 10);
    await findClaimable(db, CALLBACKS, 'AC', 'http://127.0.0.1', '2026', 10);
  });
  assert.ok(due.length > 0);
  for (const index of due) assert.match(index, /^callbacks_(due|by_resource)/);
});
