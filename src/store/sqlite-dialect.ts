// Adapts SQLite's connections for Kysely.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { KyselyPlugin, SqliteDatabase, SqliteStatement } from 'kysely';

const STATEMENT_LIMIT = 500;
/** Longer statements are not kept, since the same number of rows seldom recurs. */
const FEW_LETTERS = 4_096;

/**
 * Adapts a connection, caching prepared statements.
 * @param attempt wraps calls that may fail
 */
export function adapt(
  connection: DatabaseSync,
  attempt: <T>(work: () => T) => T = (work) => work(),
): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {
      if (connection.isOpen) connection.close();
    },
    prepare(sql) {
      const kept = statements.get(sql);
      if (kept) return kept;
      const statement = attempt(() => connection.prepare(sql));
      const adapted: SqliteStatement = {
        reader: statement.columns().length > 0,
        all: (parameters) => attempt(() => statement.all(...(parameters as SQLInputValue[]))),
        run: (parameters) => attempt(() => statement.run(...(parameters as SQLInputValue[]))),
        iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
      };
      if (sql.length > FEW_LETTERS) return adapted;
      if (statements.size >= STATEMENT_LIMIT) statements.clear();
      statements.set(sql, adapted);
      return adapted;
    },
  };
}

/** Adapts read-only access, which may use either connection. */
export function adaptRead(read: <T>(ask: (connection: DatabaseSync) => T) => T): SqliteDatabase {
  const adapted = new Map<DatabaseSync, SqliteDatabase>();
  const on = (connection: DatabaseSync, sql: string) => {
    const known = adapted.get(connection) ?? adapt(connection);
    adapted.set(connection, known);
    return known.prepare(sql);
  };
  return {
    close: () => {},
    prepare: (sql) => ({
      reader: true,
      all: (parameters) => read((connection) => on(connection, sql).all(parameters)),
      run: (parameters) => read((connection) => on(connection, sql).run(parameters)),
      iterate: (parameters) => read((connection) => on(connection, sql).iterate(parameters)),
    }),
  };
}

/** Delays a result until the data it may contain is on disk. */
export function whenOnDisk(onDisk: () => Promise<void> | undefined): KyselyPlugin {
  return {
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      await onDisk();
      return result;
    },
  };
}
