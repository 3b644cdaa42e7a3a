// The only place that chooses the database.
import type { DatabaseConfig } from '../config.ts';
import { indexesOf } from './migrate.ts';
import { openPostgres } from './postgres.ts';
import { postgresSnapshots } from './postgres-snapshots.ts';
import { checkSchema } from './snapshots.ts';
import type { Snapshots } from './snapshots.ts';
import { flavor as sqliteFlavor, openSqlite } from './sqlite.ts';
import { openSqliteSnapshots } from './sqlite-snapshots.ts';
import { makeStore } from './store.ts';
import type { Store } from './store.ts';

/**
 * @param isShared whether other workers of this server use it, too
 * @param sqliteCacheMb see SIMWRIGHT_SQLITE_CACHE_MB
 */
export async function openStore(
  database: DatabaseConfig,
  { isShared = false, sqliteCacheMb: cacheMb }: { isShared?: boolean; sqliteCacheMb?: number } = {},
): Promise<Store> {
  const backend =
    database.kind === 'sqlite'
      ? openSqlite(database.file, { isShared, ...(cacheMb !== undefined && { cacheMb }) })
      : openPostgres(database.url);
  try {
    return await makeStore(backend);
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
      : postgresSnapshots(openPostgres(database.url));
  try {
    await checkSchema(snapshots);
    return snapshots;
  } catch (error) {
    await snapshots.close();
    throw error;
  }
}
