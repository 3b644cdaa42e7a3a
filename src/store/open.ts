// The only place that chooses the database.
import type { DatabaseConfig } from '../config.ts';
import { openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import { makeStore } from './store.ts';
import type { Store } from './store.ts';

export async function openStore(database: DatabaseConfig): Promise<Store> {
  const backend =
    database.kind === 'sqlite' ? openSqlite(database.file) : openPostgres(database.url);
  try {
    return await makeStore(backend);
  } catch (error) {
    await backend.close();
    throw error;
  }
}
