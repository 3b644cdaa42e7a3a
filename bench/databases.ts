// The databases under test, filled once and kept in a folder for later runs.
import { hash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client, Pool } from 'pg';
import { MasterKey } from '../src/process/keys.ts';
import { createAccount } from '../src/operator/account/account.ts';
import { MIGRATIONS } from '../src/store/migrate.ts';
import type { DatabaseConfig } from '../src/config.ts';
import { openStore } from '../src/store/open.ts';
import type { Store } from '../src/store/store.ts';
import type { EsimProfileRow } from '../src/store/schema.ts';
import { citusUrl, dropCitusDatabases, freshCitusDatabase } from '../test/citus.ts';
import { startPostgres } from '../test/postgres.ts';
import { openPostgresBulk } from './bulk-postgres.ts';
import { openSqliteBulk } from './bulk-sqlite.ts';
import { fillAll } from './fill.ts';
import { events, sim } from './profile-rows.ts';
import { ACCOUNT, ORDERING, profile } from './profiles.ts';
import { unitAt } from '../test/unit.ts';

export const MASTER_KEY = '5'.repeat(64);
const FILLED = 'bench_filled';
const MIB = 2 ** 20;
/** Which subscriptions there are; they are not part of the hash below, because they are sealed anew each time. */
const SUBSCRIPTIONS = 'one for each order that has one, in no order of ICCIDs';
/** Changes with the schema and the contents, so that an older database is filled again. */
const FILLING = hash(
  'sha256',
  JSON.stringify([
    Object.values(MIGRATIONS).map((one) =>
      String(typeof one === 'function' ? one : one.statements),
    ),
    [profile(0), profile(1)].map((row, index) => [row, sim(row), events(index, row)]),
    SUBSCRIPTIONS,
  ]),
);

export type Kind = 'sqlite' | 'postgres' | 'citus';

/** A database server, or a folder of database files. */
export interface Databases extends AsyncDisposable {
  kind: Kind;
  /** Version of the database. */
  version: string;
  /** @returns the URL of a database with this many profiles */
  filled(profiles: number): Promise<string>;
}

/** A connection with the server's settings, for statements that the server does not offer. */
interface Raw {
  /** Runs a statement, prepared once, in a transaction of its own. */
  run(text: string, values: (string | number | null)[]): Promise<void>;
  close(): Promise<void>;
}

/** @returns undefined if the database is not installed */
export async function openDatabases(kind: Kind, folder: string): Promise<Databases | undefined> {
  mkdirSync(folder, { recursive: true });
  if (kind === 'citus') return citusUrl === undefined ? undefined : openCitusDatabases(citusUrl);
  if (kind === 'sqlite') {
    const version = new DatabaseSync(':memory:').prepare('select sqlite_version() as v').get()![
      'v'
    ];
    return {
      kind,
      version: `SQLite ${String(version)}`,
      async filled(profiles) {
        const file = join(folder, `${profiles}.db`);
        return fill(`sqlite:${file}`, profiles, async () => {
          for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
        });
      },
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const postgres = await startPostgres({ durable: true, folder, settings: advised() });
  if (postgres === undefined) return undefined;
  const admin = new Client({ connectionString: postgres.url });
  await admin.connect();
  const { rows } = await admin.query<{ server_version: string }>('show server_version');
  return {
    kind,
    version: `PostgreSQL ${rows[0]!.server_version.split(' ', 1)[0]}`,
    async filled(profiles) {
      const name = `profiles_${profiles}`;
      const url = new URL(postgres.url);
      url.pathname = `/${name}`;
      const known = await admin.query('select 1 from pg_database where datname = $1', [name]);
      if (known.rowCount === 0) await admin.query(`create database ${name}`);
      return fill(url.href, profiles, async () => {
        await admin.query(`drop database ${name}`);
        await admin.query(`create database ${name}`);
      });
    },
    async [Symbol.asyncDispose]() {
      await admin.end();
      await postgres.stop();
    },
  };
}

/** The settings that docs/postgresql.md advises, for this machine. */
function advised(): Record<string, string> {
  const quarter = Math.floor(totalmem() / 4 / MIB);
  return {
    shared_buffers: `${quarter}MB`,
    effective_cache_size: `${3 * quarter}MB`,
    max_wal_size: '8GB',
    checkpoint_timeout: '15min',
  };
}

/** New ones in each run, on the cluster of TEST_CITUS_URL. */
async function openCitusDatabases(url: string): Promise<Databases> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ version: string; workers: string; server_version: string }>(
    `select extversion as version, current_setting('server_version') as server_version,
      (select count(*) from pg_dist_node where shouldhaveshards) as workers
    from pg_extension where extname = 'citus'`,
  );
  await client.end();
  const { version, workers, server_version: server } = rows[0]!;
  const shards = 32;
  return {
    kind: 'citus',
    version: `Citus ${version} on PostgreSQL ${server.split(' ', 1)[0]}, ${workers} workers, ${shards} shards`,
    filled: async (profiles) =>
      fill(await freshCitusDatabase(url, shards), profiles, async () => {}),
    [Symbol.asyncDispose]: () => dropCitusDatabases(),
  };
}

/** @param clear empties the database */
async function fill(url: string, profiles: number, clear: () => Promise<void>): Promise<string> {
  if (await isFilled(url)) return url;
  await clear();
  const database = databaseOf(url);
  const masterKey = new MasterKey(MASTER_KEY);
  await withStore(database, async (store) => {
    await store.transaction(async (tables) => {
      for (const account of [ACCOUNT, ORDERING]) {
        const fields = { friendlyName: 'Benchmark', ...account };
        await createAccount(fields, masterKey, unitAt(tables, new Date()));
      }
    });
  });
  {
    await using bulk =
      database.kind === 'sqlite'
        ? openSqliteBulk(database.file)
        : await openPostgresBulk(database.url);
    await fillAll(bulk, profiles, masterKey, database.kind);
  }
  await withStore(database, (store) =>
    store.transaction((tables) => tables.settings.insert(FILLED, FILLING)),
  );
  return url;
}

function isFilled(url: string): Promise<boolean> {
  return withStore(
    databaseOf(url),
    async (store) => (await store.settings.find(FILLED)) === FILLING,
  );
}

async function withStore<T>(
  database: DatabaseConfig,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore(database);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

export function databaseOf(url: string) {
  return url.startsWith('sqlite:')
    ? { kind: 'sqlite' as const, file: url.slice('sqlite:'.length) }
    : { kind: 'postgres' as const, url };
}

/** @param connections that insert concurrently; SQLite has one */
export async function openRaw(url: string, connections = 1): Promise<Raw> {
  const database = databaseOf(url);
  return database.kind === 'sqlite' ? rawSqlite(database.file) : rawPostgres(url, connections);
}

function rawSqlite(file: string): Raw {
  const db = new DatabaseSync(file, { timeout: 10_000 });
  db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  const statements = new Map<string, ReturnType<typeof db.prepare>>();
  async function run(text: string, values: (string | number | null)[]): Promise<void> {
    let statement = statements.get(text);
    if (statement === undefined) statements.set(text, (statement = db.prepare(text)));
    statement.run(...values);
  }
  return {
    run,
    close: async () => db.close(),
  };
}

function rawPostgres(url: string, connections: number): Raw {
  const pool = new Pool({ connectionString: url, max: connections });
  return {
    async run(text, values) {
      await pool.query(values.length === 0 ? text : { name: text.slice(0, 60), text, values });
    },
    close: () => pool.end(),
  };
}

const COLUMNS = Object.keys(profile(0)) as (keyof EsimProfileRow)[];

/** The values of a row in the order of its columns. */
export function valuesOf(row: EsimProfileRow): (string | number | null)[] {
  return COLUMNS.map((column) => row[column]);
}

/** @param placeholder `?`, or `$` for numbered ones */
export function insertProfile(placeholder: '?' | '$'): string {
  const places = COLUMNS.map((_column, index) => (placeholder === '?' ? '?' : `$${index + 1}`));
  return `insert into esim_profiles (${COLUMNS.join()}) values (${places.join()})`;
}
