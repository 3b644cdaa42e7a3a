// Where rows come from: a database, or a backup.
import type { BulkReader, BulkTable, Cell } from '../store/bulk.ts';
import { SliceSize } from '../store/bulk.ts';
import { lineOf } from './rows.ts';

/** How far a table has been taken. */
export interface TableState {
  rows: number;
  digest: string;
  /** Key of the last row. */
  last: readonly Cell[] | undefined;
  isWhole: boolean;
}

export type Expected = Pick<TableState, 'rows' | 'digest'>;

export interface Slice {
  table: BulkTable;
  rows: readonly Cell[][];
  /** Of the rows, by which they are digested. */
  lines: readonly string[];
  isLast: boolean;
  /** Of the whole table, as recorded when it was read; with the last slice. */
  expected?: Expected;
}

export interface Source {
  /** For people. */
  name: string;
  /** Tells it from others: a transfer goes on only from the one that it began with. */
  identity: string;
  migrations: readonly string[];
  tables: readonly BulkTable[];
  /** Of all tables, about. */
  rowCount: number;
  /** What is not taken yet, table by table in the order of `tables`, each in the order of its keys. */
  slices(taken: ReadonlyMap<string, TableState>): AsyncIterable<Slice>;
}

/** The rows of one table of a database. */
export async function* slicesOf(
  reader: BulkReader,
  table: BulkTable,
  after: readonly Cell[] | undefined,
): AsyncIterable<Slice> {
  const size = new SliceSize();
  let last = after;
  for (;;) {
    const limit = size.rows;
    const rows = await reader.rowsAfter(table, last, limit);
    const lines = rows.map(lineOf);
    size.adapt(
      rows.length,
      lines.reduce((sum, { length }) => sum + length, 0),
    );
    const isLast = rows.length < limit;
    yield { table, rows, lines, isLast };
    if (isLast) return;
    last = keyOf(table, rows.at(-1)!);
  }
}

export function keyOf({ columns, key }: BulkTable, row: readonly Cell[]): Cell[] {
  return key.map((column) => row[columns.indexOf(column)]!);
}

export async function databaseSource(
  reader: BulkReader,
  { name, identity }: { name: string; identity: string },
): Promise<Source> {
  let rowCount = 0;
  for (const table of reader.tables) rowCount += await reader.countRows(table);
  return {
    name,
    identity,
    migrations: reader.migrations,
    tables: reader.tables,
    rowCount,
    async *slices(taken) {
      for (const table of reader.tables) {
        const state = taken.get(table.name);
        if (state?.isWhole !== true) yield* slicesOf(reader, table, state?.last);
      }
    },
  };
}
