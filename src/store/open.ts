// The only place that chooses the database.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { DatabaseConfig } from '../config.ts';
import { NEWER_VERSION } from './applied-migrations.ts';
import { NOT_WHOLE, TRANSFER } from './bulk.ts';
import type { BulkReader, BulkWriter } from './bulk.ts';
import { StoreMismatch } from './errors.ts';
import type { Backend, Flavor, Note } from './flavor.ts';
import { indexesOf, MIGRATIONS } from './migrate.ts';
import { openPostgres } from './postgres.ts';
import { openPostgresReader, openPostgresWriter, refusePoolerAt } from './postgres-bulk.ts';
import { postgresSnapshots } from './postgres-snapshots.ts';
import { checkSchema } from './snapshots.ts';
import type { Snapshots } from './snapshots.ts';
import { flavor as sqliteFlavor } from './sqlite-flavor.ts';
import { openSqlite } from './sqlite.ts';
import { openSqliteReader, openSqliteWriter } from './sqlite-bulk.ts';
import { openSqliteSnapshots } from './sqlite-snapshots.ts';
import type { Tables } from './schema.ts';
import { Settings } from './settings.ts';
import { makeStore } from './store.ts';
import type { Store } from './store.ts';

export interface StoreOptions {
  /** Whether other workers of this server use it, too. */
  isShared?: boolean;
  /** See SIMWRIGHT_SQLITE_CACHE_MB. */
  sqliteCacheMb?: number;
  /** Told what migrating it waits for. */
  note?: Note;
}

export async function openStore(
  database: DatabaseConfig,
  { isShared = false, sqliteCacheMb: cacheMb, note }: StoreOptions = {},
): Promise<Store> {
  const backend = openBackend(database, {
    isShared,
    ...(cacheMb === undefined ? {} : { cacheMb }),
  });
  try {
    return await makeStore(backend, {
      note,
      check: (db) => refuseUnfit(db, backend.flavor),
    });
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/**
 * Opens a database only to examine it; the server may be running. Throws `StoreMismatch` if it has not the schema of
 * this version, `StoreUnavailable`.
 */
export async function openSnapshots(database: DatabaseConfig): Promise<Snapshots> {
  const snapshots =
    database.kind === 'sqlite'
      ? openSqliteSnapshots(database.file, sqliteFlavor, indexesOf(sqliteFlavor))
      : await postgresSnapshots(openPostgres(database.url, { patience: 'long', onlyReads: true }));
  try {
    await checkSchema(snapshots);
    return snapshots;
  } catch (error) {
    await snapshots.close();
    throw error;
  }
}

function openBackend(
  database: DatabaseConfig,
  options: Parameters<typeof openSqlite>[1] = {},
): Backend {
  return database.kind === 'sqlite'
    ? openSqlite(database.file, options)
    : openPostgres(database.url);
}

/**
 * Opens a view of all tables; the server may be running.
 * @param isAlone whether nobody else may write meanwhile Throws `StoreMismatch` if the database is empty, not whole, or of a newer
 * version; `StoreInUse`, `StoreUnavailable`.
 */
export async function openBulkReader(
  database: DatabaseConfig,
  { isAlone = false } = {},
): Promise<BulkReader> {
  const reader =
    database.kind === 'sqlite'
      ? openSqliteReader(database.file, { isAlone })
      : await openPostgresReader(database.url, { isAlone });
  try {
    if (reader.migrations.length === 0) throw new StoreMismatch(EMPTY);
    refuseNewer(reader.migrations);
    if (reader.isSpread && !isAlone) throw new StoreMismatch(NO_VIEW);
    return reader;
  } catch (error) {
    await reader[Symbol.asyncDispose]();
    throw error;
  }
}

/** Throws `StoreMismatch` if this version does not know one of them. */
export function refuseNewer(migrations: readonly string[]): void {
  if (migrations.some((name) => !(name in MIGRATIONS))) throw new StoreMismatch(NEWER_VERSION);
}

/**
 * Opens a database to fill it: one without rows, which gets the tables that these migrations make, or one that was partly filled.
 * Throws `StoreMismatch` if there is something in it; `StoreInUse`, `StoreUnavailable`.
 */
export async function openBulkWriter(
  database: DatabaseConfig,
  migrations: readonly string[],
): Promise<BulkWriter> {
  if (database.kind === 'postgres') await refusePoolerAt(database.url);
  const backend = openBackend(database);
  try {
    await backend.look();
    const { reader, flavor } = backend;
    if (flavor.isSpread) throw new StoreMismatch(NOT_INTO_CITUS);
    const { isFilling, isUsed } = await stateOf(reader, flavor);
    if (!isFilling) {
      if (isUsed && (await hasRows(backend))) throw new StoreMismatch(NOT_EMPTY);
      const wanted = migrations.map((name) => [name, MIGRATIONS[name]!] as const);
      await backend.migrate(Object.fromEntries(wanted));
    }
  } finally {
    await backend.close();
  }
  return database.kind === 'sqlite'
    ? openSqliteWriter(database.file)
    : openPostgresWriter(database.url);
}

async function hasRows({ reader }: Backend): Promise<boolean> {
  for (const table of ['settings', 'accounts'] as const) {
    const row = await reader.selectFrom(table).selectAll().limit(1).executeTakeFirst();
    if (row !== undefined) return true;
  }
  return false;
}

const NO_VIEW =
  'The database is spread over servers by Citus, which have no view in common: back it up with what Citus has for that ' +
  '(citus_create_restore_point), or stop all servers and use simwright move';
const NOT_INTO_CITUS =
  'The database has the extension citus, and tables are spread when they have been filled: restore or move into a plain ' +
  'PostgreSQL, create the extension there, and start a server (docs/citus.md)';
const EMPTY = 'The database is empty; check SIMWRIGHT_DATA or SIMWRIGHT_DATABASE_URL';
const NOT_EMPTY =
  'The database is not empty, and nothing is overwritten: a restore or a move needs a new one. For SQLite, move the file away; ' +
  'for PostgreSQL, create another database';
/** The setting of a database that was moved, or is being moved. */
export const MOVED = 'moved';

export interface Moved {
  /** Tells this move from others. */
  id: string;
  /** Without user and password. */
  to: string;
  date: string;
}

/** Throws `StoreMismatch` if nobody may use the database: it is not whole, or it was moved. */
async function refuseUnfit(db: Kysely<Tables>, flavor: Flavor): Promise<void> {
  const { isFilling, isUsed } = await stateOf(db, flavor);
  if (isFilling) throw new StoreMismatch(NOT_WHOLE);
  if (!isUsed) return;
  const moved = await new Settings(db).find(MOVED);
  if (moved === undefined) return;
  const { to, date } = JSON.parse(moved) as Moved;
  throw new StoreMismatch(
    `The database was moved to ${to}, or is being moved there, since ${date}. Use that one: set SIMWRIGHT_DATABASE_URL. ` +
      'To use this one nevertheless, as it is: simwright move --undo',
  );
}

/** @returns whether a transfer fills it, and whether it has tables */
async function stateOf(db: Kysely<Tables>, { hasTable }: Pick<Flavor, 'hasTable'>) {
  const { rows } = await sql<{ filling: unknown; used: unknown }>`
    select ${hasTable(TRANSFER)} as filling, ${hasTable('settings')} as used`.execute(db);
  const { filling, used } = rows[0]!;
  return { isFilling: Boolean(filling), isUsed: Boolean(used) };
}
