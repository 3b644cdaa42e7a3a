// Adapts SQLite's connections for Kysely.
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import type {
  CompiledQuery,
  DatabaseConnection,
  QueryResult,
  SqliteDatabase,
  SqliteStatement,
} from 'kysely';
import type { Tables } from './schema.ts';
import { StraightExecutor } from './straight-executor.ts';

const STATEMENT_LIMIT = 500;
/** Longer statements are not kept, since the same number of rows seldom recurs. */
const FEW_LETTERS = 4_096;

/**
 * Prepares a statement for all its calls. SQLite would plan a query with an order by the value that a column is compared
 * with, and so prepare it anew at each call, unless that is an expression: `+` leaves the value as it is.
 */
export function prepareOnce(connection: DatabaseSync, sql: string): StatementSync {
  return connection.prepare(/ order by /i.test(sql) ? sql.replaceAll(' = ?', ' = +?') : sql);
}

const CHANGES_TABLES = /^\s*(alter|create|drop)\b/i;

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
      if (CHANGES_TABLES.test(sql)) statements.clear();
      const kept = statements.get(sql);
      if (kept) return kept;
      const statement = attempt(() => prepareOnce(connection, sql));
      statement.setReturnArrays(true);
      const read = () => statement.columns().map(({ name }) => name);
      let columns = read();
      const adapted: SqliteStatement = {
        reader: columns.length > 0,
        all(parameters) {
          const found = attempt(() =>
            statement.all(...(parameters as SQLInputValue[])),
          ) as unknown as SQLOutputValue[][];
          // SQLite has prepared it anew, because a table has other columns now.
          if (found.length > 0 && found[0]!.length !== columns.length) columns = read();
          return found.map((values) => rowOf(columns, values));
        },
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

/** Node's own objects for rows are slow to read, and slower to copy: all of them are dictionaries. */
function rowOf(columns: readonly string[], values: readonly SQLOutputValue[]) {
  const row: Record<string, SQLOutputValue> = {};
  for (let index = 0; index < columns.length; index += 1) row[columns[index]!] = values[index]!;
  return row;
}

/** Adapts read-only access, which may use either connection. */
export function adaptRead(read: <T>(ask: (connection: DatabaseSync) => T) => T): SqliteDatabase {
  const adapted = new Map<DatabaseSync, SqliteDatabase>();
  const on = (connection: DatabaseSync, sql: string) => {
    let known = adapted.get(connection);
    if (known === undefined) adapted.set(connection, (known = adapt(connection)));
    return known.prepare(sql);
  };
  const statements = new Map<string, SqliteStatement>();
  return {
    close: () => {},
    prepare(sql) {
      const kept = statements.get(sql);
      if (kept) return kept;
      const statement: SqliteStatement = {
        reader: true,
        all: (parameters) => read((connection) => on(connection, sql).all(parameters)),
        run: (parameters) => read((connection) => on(connection, sql).run(parameters)),
        iterate: (parameters) => read((connection) => on(connection, sql).iterate(parameters)),
      };
      if (sql.length > FEW_LETTERS) return statement;
      if (statements.size >= STATEMENT_LIMIT) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}

/**
 * Kysely's queries on a connection, without the turns that its own driver has them wait for: SQLite answers at once.
 * @param onDisk pending until the data that a result may contain are on disk, for which it waits; undefined: they are
 */
export function kyselyOn(
  database: SqliteDatabase,
  onDisk: () => Promise<void> | undefined = () => undefined,
): Kysely<Tables> {
  const dialect = new SqliteDialect({ database });
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const statement = database.prepare(sql);
      if (!statement.reader) {
        const { changes } = statement.run(parameters);
        return { rows: [], numAffectedRows: BigInt(changes) };
      }
      const rows = statement.all(parameters) as Row[];
      const pending = onDisk();
      if (pending !== undefined) await pending;
      return { rows };
    },
    streamQuery() {
      throw new Error('results are not streamed');
    },
  };
  const executor = new StraightExecutor(dialect, connection);
  return new Kysely({ config: { dialect }, dialect, driver: dialect.createDriver(), executor });
}
