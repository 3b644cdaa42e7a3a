// Whole tables of an SQLite database.
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MIGRATION_TABLES } from './applied-migrations.ts';
import { namesIn, NOT_DATA, TRANSFER } from './bulk.ts';
import type { BulkReader, BulkTable, BulkWriter, Cell } from './bulk.ts';
import { MACHINE } from './clock.ts';
import { StoreUnavailable } from './errors.ts';
import { translate } from './sqlite-errors.ts';

const BUSY_LIMIT_MS = 10_000;
const CACHE_KIB = 64 * 1024;
const LOG_PAGES = 8_000;

/**
 * A view that lasts until the reader is disposed of. Others go on writing, unless it is alone.
 * @param isAlone whether nobody else may write meanwhile Throws `StoreUnavailable`.
 */
export function openSqliteReader(file: string, { isAlone = false } = {}): BulkReader {
  if (!existsSync(file)) throw new StoreUnavailable(`There is no database ${file}`);
  const attempt = attempting(file);
  const db = attempt(() => new DatabaseSync(file, { readOnly: !isAlone, timeout: BUSY_LIMIT_MS }));
  const statements = new Map<string, StatementSync>();

  /** Rows as arrays. */
  function all(text: string, ...values: Cell[]): Cell[][] {
    return attempt(() => {
      let statement = statements.get(text);
      if (statement === undefined) {
        statement = db.prepare(text);
        statement.setReturnArrays(true);
        statements.set(text, statement);
      }
      return statement.all(...(values as SQLInputValue[])) as unknown as Cell[][];
    });
  }

  try {
    attempt(() => db.exec(`pragma cache_size = -${CACHE_KIB}`));
    attempt(() => db.exec(isAlone ? 'begin immediate' : 'begin'));
    // The view begins with the first read.
    const tables = listTables(db, attempt);
    const takenAt = new Date(MACHINE.wall());
    const migrationTables = MIGRATION_TABLES.filter(
      (name) =>
        all("select 1 from sqlite_schema where type = 'table' and name = ?", name).length > 0,
    );
    return {
      kind: 'sqlite',
      isSpread: false,
      takenAt,
      tables,
      migrations: namesIn(migrationTables.flatMap((table) => all(`select name from ${table}`))),
      countRows: async ({ name }) => Number(all(`select count(*) from "${name}"`)[0]![0]),
      async rowsAfter({ name, columns, key }, after, limit) {
        const order = quoted(key);
        const where =
          after === undefined ? '' : ` where (${order}) > (${after.map(() => '?').join()})`;
        const text = `select ${quoted(columns)} from "${name}"${where} order by ${order} limit ?`;
        const rows = all(text, ...(after ?? []), limit);
        await nextTurn();
        return rows;
      },
      async setting(name) {
        return all('select value from settings where name = ?', name)[0]?.[0] as string | undefined;
      },
      async leave(name, value) {
        if (value === null) all('delete from settings where name = ?', name);
        else all('insert or replace into settings (name, value) values (?, ?)', name, value);
        attempt(() => db.exec('commit'));
      },
      [Symbol.asyncDispose]: async () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * @param file of a database with its schema that nobody else has open Throws `StoreUnavailable`.
 */
export function openSqliteWriter(file: string): BulkWriter {
  const attempt = attempting(file);
  const db = attempt(() => new DatabaseSync(file, { timeout: BUSY_LIMIT_MS }));
  const inserts = new Map<string, StatementSync>();

  function transact(work: () => void): void {
    attempt(() => {
      db.exec('begin immediate');
      try {
        work();
        db.exec('commit');
      } catch (error) {
        if (db.isTransaction) db.exec('rollback');
        throw error;
      }
    });
  }

  function insertOf({ name, columns }: BulkTable): StatementSync {
    let statement = inserts.get(name);
    if (statement === undefined) {
      const places = columns.map(() => '?').join();
      statement = db.prepare(`insert into "${name}" (${quoted(columns)}) values (${places})`);
      inserts.set(name, statement);
    }
    return statement;
  }

  try {
    attempt(() =>
      db.exec(
        `pragma journal_mode = wal; pragma synchronous = normal; pragma cache_size = -${CACHE_KIB};
         pragma wal_autocheckpoint = ${LOG_PAGES}`,
      ),
    );
    const tables = listTables(db, attempt);
    const hasState = () =>
      db.prepare('select 1 from sqlite_schema where name = ?').get(TRANSFER) !== undefined;
    return {
      kind: 'sqlite',
      tables,
      async readState() {
        if (!attempt(hasState)) return undefined;
        const row = attempt(() => db.prepare(`select state from ${TRANSFER}`).get());
        return row?.['state'] as string | undefined;
      },
      async write(table, rows, state) {
        transact(() => {
          if (table !== undefined) {
            const insert = insertOf(table);
            for (const row of rows) insert.run(...(row as SQLInputValue[]));
          }
          if (!hasState()) db.exec(`create table ${TRANSFER} (state text not null)`);
          const { changes } = db.prepare(`update ${TRANSFER} set state = ?`).run(state);
          if (changes === 0) db.prepare(`insert into ${TRANSFER} (state) values (?)`).run(state);
        });
        await nextTurn();
      },
      listIndexes: async () => attempt(() => indexDefinitions(db)),
      async dropIndexes() {
        transact(() => {
          for (const { name } of indexes(db)) db.exec(`drop index "${name}"`);
        });
      },
      async makeIndex(definition) {
        await nextTurn();
        attempt(() => makeUnlessThere(db, definition));
      },
      async finish(settings) {
        transact(() => {
          db.exec(`drop table if exists ${TRANSFER}`);
          for (const [name, value] of Object.entries(settings)) {
            db.prepare('delete from settings where name = ?').run(name);
            if (value === null) continue;
            db.prepare('insert into settings (name, value) values (?, ?)').run(name, value);
          }
        });
        // All of it in the file, on disk.
        attempt(() => db.exec('pragma synchronous = full; pragma wal_checkpoint(truncate)'));
      },
      [Symbol.asyncDispose]: async () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function attempting(file: string): <T>(work: () => T) => T {
  return (work) => {
    try {
      return work();
    } catch (error) {
      throw translate(error, file);
    }
  };
}

const quoted = (columns: readonly string[]) => columns.map((column) => `"${column}"`).join();

function listTables(db: DatabaseSync, attempt: <T>(work: () => T) => T): BulkTable[] {
  return attempt(() => {
    const rows = db
      .prepare(
        `select t.name, c.name as column, c.pk from sqlite_schema as t, pragma_table_info(t.name) as c
          where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\'
          order by t.name, c.cid`,
      )
      .all() as { name: string; column: string; pk: number }[];
    const byTable = Map.groupBy(
      rows.filter(({ name }) => name !== TRANSFER && !NOT_DATA.includes(name)),
      ({ name }) => name,
    );
    return Array.from(byTable, ([name, columns]) => ({
      name,
      columns: columns.map(({ column }) => column).toSorted(),
      key: columns
        .filter(({ pk }) => pk > 0)
        .toSorted((left, right) => left.pk - right.pk)
        .map(({ column }) => column),
    }));
  });
}

function indexes(db: DatabaseSync): { name: string; sql: string }[] {
  return db
    .prepare("select name, sql from sqlite_schema where type = 'index' and sql is not null")
    .all() as { name: string; sql: string }[];
}

/** With each, the statistics that the migrations gave it, which go with it when it is dropped. */
interface SqliteIndex {
  name: string;
  sql: string;
  statistics: string | null;
}

function indexDefinitions(db: DatabaseSync): string[] {
  const find = db.prepare('select stat from sqlite_stat1 where idx = ?');
  return indexes(db).map(({ name, sql }) => {
    const statistics = (find.get(name)?.['stat'] as string | undefined) ?? null;
    return JSON.stringify({ name, sql, statistics } satisfies SqliteIndex);
  });
}

function makeUnlessThere(db: DatabaseSync, definition: string): void {
  const { name, sql, statistics } = JSON.parse(definition) as SqliteIndex;
  const isThere = indexes(db).some((index) => index.name === name);
  if (isThere) return;
  db.exec('begin immediate');
  try {
    db.exec(sql);
    if (statistics !== null) {
      db.prepare(
        `insert into sqlite_stat1 (tbl, idx, stat)
          select tbl_name, name, ? from sqlite_schema where type = 'index' and name = ?`,
      ).run(statistics, name);
    }
    db.exec('commit');
  } catch (error) {
    if (db.isTransaction) db.exec('rollback');
    throw error;
  }
}
