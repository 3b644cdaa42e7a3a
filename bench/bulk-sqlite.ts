// SQLite for filling: without a journal, and with its secondary indexes made at the end.
import { DatabaseSync } from 'node:sqlite';
import type { StatementSync } from 'node:sqlite';
import { FILLED_TABLES } from './fill.ts';
import type { Bulk, FilledTable, Value } from './fill.ts';

const CACHE_KIB = 256 * 1024;

/** @param file of a database with its schema that nobody else has open */
export function openSqliteBulk(file: string): Bulk {
  // To be without a journal is dangerous, which is why it must be asked for twice.
  const db = new DatabaseSync(file, { defensive: false });
  // A connection that has not read anything yet does not know that there is a write-ahead log to leave.
  db.prepare('select count(*) from sqlite_schema').get();
  const mode = db.prepare('pragma journal_mode = off').get();
  if (mode?.['journal_mode'] !== 'off') throw new Error(`${file} is in use`);
  db.exec(
    `pragma synchronous = off; pragma locking_mode = exclusive;
     pragma cache_size = -${CACHE_KIB}; pragma threads = 2`,
  );
  const tables = FILLED_TABLES.map((table) => `'${table}'`).join();
  const indexes = db
    .prepare(
      `select name, sql from sqlite_schema
        where type = 'index' and sql is not null and tbl_name in (${tables})`,
    )
    .all() as { name: string; sql: string }[];
  // An index that is dropped takes the statistics with it that the migrations gave it.
  db.exec('create temp table kept as select * from sqlite_stat1');
  for (const { name } of indexes) db.exec(`drop index ${name}`);
  db.exec('begin');
  const inserts = new Map<FilledTable, { columns: string[]; statement: StatementSync }>();

  function insertOf(table: FilledTable, row: object) {
    const known = inserts.get(table);
    if (known !== undefined) return known;
    const columns = Object.keys(row);
    const places = columns.map(() => '?').join();
    const statement = db.prepare(`insert into ${table} (${columns.join()}) values (${places})`);
    const made = { columns, statement };
    inserts.set(table, made);
    return made;
  }

  return {
    async add(table, rows) {
      if (rows.length === 0) return;
      const { columns, statement } = insertOf(table, rows[0]!);
      for (const row of rows as Record<string, Value>[]) {
        statement.run(...columns.map((column) => row[column]!));
      }
      // Lets the progress be shown, and an interruption be heard.
      await new Promise(setImmediate);
    },
    async finish(onStep) {
      db.exec('commit');
      let left = indexes.length;
      for (const { sql } of indexes) {
        onStep(left--);
        await new Promise(setImmediate);
        db.exec(sql);
      }
      db.exec(
        `delete from sqlite_stat1; insert into sqlite_stat1 select * from kept;
         pragma journal_mode = wal; pragma synchronous = full`,
      );
    },
    [Symbol.asyncDispose]: async () => db.close(),
  };
}
