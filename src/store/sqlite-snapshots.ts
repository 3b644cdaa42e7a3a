// An SQLite database opened only to be examined, through a connection that cannot write.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, SqliteDialect } from 'kysely';
import { MACHINE } from './clock.ts';
import { StoreUnavailable } from './errors.ts';
import type { Flavor } from './flavor.ts';
import type { Tables } from './schema.ts';
import type { Snapshots, Soundness } from './snapshots.ts';
import { adapt } from './sqlite-dialect.ts';
import { translate } from './sqlite-errors.ts';
import { sizesOnSqlite } from './table-sizes.ts';

const BUSY_LIMIT_MS = 10_000;
const CACHE_KIB = 32 * 1024;
/** After a view that took a while, so the server finds a moment without one and can begin its log anew. */
const PAUSE_MS = 1;
const WHILE_MS = 5;

/**
 * @param indexes that there must be, with their tables
 * Throws `StoreUnavailable` if there is no such file, or it cannot be read.
 */
export function openSqliteSnapshots(
  file: string,
  flavor: Flavor,
  indexes: ReadonlyMap<string, string>,
): Snapshots {
  if (!existsSync(file)) throw new StoreUnavailable(`There is no database ${file}`);
  function translating<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translate(error, file);
    }
  }
  const connection = translating(() => connect(file));
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adapt(connection, translating) }),
  });
  return {
    kind: 'sqlite',
    flavor,
    async read(work) {
      const started = performance.now();
      const result = await db.transaction().execute(work);
      if (performance.now() > started + WHILE_MS) await sleep(PAUSE_MS);
      return result;
    },
    now: async () => new Date(MACHINE.wall()),
    sizes: async () => translating(() => sizesOnSqlite(connection)),
    examine: async () => translating(() => examine(connection, indexes)),
    close: () => db.destroy(),
  };
}

function connect(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { readOnly: true, timeout: BUSY_LIMIT_MS });
  try {
    connection.exec(`pragma query_only = on; pragma cache_size = -${CACHE_KIB}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** https://sqlite.org/pragma.html#pragma_integrity_check */
function examine(connection: DatabaseSync, expected: ReadonlyMap<string, string>): Soundness {
  const found = connection.prepare('pragma integrity_check').all();
  const problems = found.map((row) => String(row['integrity_check']));
  const loose = connection.prepare('pragma foreign_key_check').all();
  const indexes = connection.prepare("select name from sqlite_schema where type = 'index'").all();
  const names = new Set(indexes.map(({ name }) => name));
  const missing = [...expected].filter(([name]) => !names.has(name));
  return {
    problems: [
      ...problems.filter((problem) => problem !== 'ok'),
      ...loose.map(
        (row) => `a row of ${String(row['table'])} refers to none of ${String(row['parent'])}`,
      ),
      ...missing.map(([name, table]) => `the index ${name} of ${table} is missing`),
    ],
  };
}
