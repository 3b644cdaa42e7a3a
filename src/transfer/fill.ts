// Fills an empty database from a source. What has been written is recorded with it, so a fill that was interrupted, at whatever
// moment, goes on.
import { isDeepStrictEqual } from 'node:util';
import type { DatabaseConfig } from '../config.ts';
import type { BulkReader, BulkTable, BulkWriter } from '../store/bulk.ts';
import { MOVED, openBulkReader, openBulkWriter } from '../store/open.ts';
import type { Tell } from './progress.ts';
import { digestWith, EMPTY_DIGEST } from './rows.ts';
import type { Expected, Slice, Source, TableState } from './source.ts';
import { keyOf, slicesOf } from './source.ts';
import { TransferError } from './transfer-error.ts';

interface FillState {
  /** Of the source. */
  identity: string;
  name: string;
  /** Definitions of the secondary indexes, which are made when all rows are there. */
  indexes: string[];
  tables: Record<string, TableState>;
}

export const NOTHING: TableState = {
  rows: 0,
  digest: EMPTY_DIGEST,
  last: undefined,
  isWhole: false,
};

/**
 * Fills a database that is empty, or partly filled from the same source, and compares it. It cannot be used before. Throws `TransferError`,
 * `StoreMismatch`, `StoreInUse`, `StoreUnavailable`.
 * @param settings what it gets besides
 * @returns how many rows it has
 */
export async function fillWhole(
  source: Source,
  database: DatabaseConfig,
  settings: Readonly<Record<string, string>>,
  tell: Tell,
): Promise<number> {
  await using writer = await openBulkWriter(database, source.migrations);
  const taken = await fill(source, writer, tell);
  let rows = 0;
  for (const table of taken.values()) rows += table.rows;
  {
    await using reader = await openBulkReader(database);
    await compare(reader, taken, rows, tell);
  }
  // That of the source came with its settings.
  await writer.finish({ [MOVED]: null, ...settings });
  return rows;
}

/**
 * @param writer of a database that is empty, or partly filled from the same source
 * @returns the rows and digests of the tables as they came Throws `TransferError`.
 */
async function fill(
  source: Source,
  writer: BulkWriter,
  tell: Tell,
): Promise<ReadonlyMap<string, TableState>> {
  const tables = matched(source.tables, writer.tables);
  const state = await begin(source, writer);
  const taken = new Map(Object.entries(state.tables));
  let rows = 0;
  for (const table of taken.values()) rows += table.rows;
  for await (const slice of source.slices(taken)) {
    const { name } = slice.table;
    const table = next(taken.get(name) ?? NOTHING, slice);
    checkEnd(name, table, slice.expected);
    taken.set(name, table);
    rows += slice.rows.length;
    state.tables = Object.fromEntries(taken);
    await writer.write(tables.get(name), slice.rows, JSON.stringify(state));
    tell({ phase: 'rows', title: name, done: share(rows, source.rowCount), count: rows });
  }
  for (const [index, definition] of state.indexes.entries()) {
    tell({ phase: 'indexes', title: 'indexes', done: index / state.indexes.length, count: index });
    await writer.makeIndex(definition);
  }
  return taken;
}

/** The table with one more slice. */
export function next(before: TableState, { table, rows, lines, isLast }: Slice): TableState {
  const last = rows.at(-1);
  return {
    rows: before.rows + rows.length,
    digest: lines.reduce(digestWith, before.digest),
    last: last === undefined ? before.last : keyOf(table, last),
    isWhole: isLast,
  };
}

/** Throws `TransferError` if the source says that it was otherwise. */
export function checkEnd(name: string, found: TableState, expected: Expected | undefined): void {
  if (expected === undefined) return;
  if (found.rows === expected.rows && found.digest === expected.digest) return;
  throw new TransferError(
    `The table ${name} is not whole: expected ${expected.rows} rows with the digest ` +
      `${expected.digest || 'of none'}; found ${found.rows} with ${found.digest || 'that of none'}`,
  );
}

export const share = (part: number, whole: number) => (whole === 0 ? 1 : Math.min(1, part / whole));

async function begin(source: Source, writer: BulkWriter): Promise<FillState> {
  const kept = await writer.readState();
  if (kept !== undefined) {
    const state = JSON.parse(kept) as FillState;
    if (state.identity === source.identity) return state;
    throw new TransferError(
      `The database is partly filled from ${state.name}; this is another source, ${source.name}. ` +
        'Go on with the same one, or begin with an empty database',
    );
  }
  const state: FillState = {
    identity: source.identity,
    name: source.name,
    indexes: await writer.listIndexes(),
    tables: {},
  };
  await writer.write(undefined, [], JSON.stringify(state));
  await writer.dropIndexes();
  return state;
}

/** Throws `TransferError` if the tables are not those of the target. */
function matched(
  from: readonly BulkTable[],
  to: readonly BulkTable[],
): ReadonlyMap<string, BulkTable> {
  const targets = new Map(to.map((table) => [table.name, table]));
  for (const table of from) {
    if (isDeepStrictEqual(targets.get(table.name), table)) continue;
    throw new TransferError(
      `The table ${table.name} is not as expected: the source has ${describe(table)}; ` +
        `this version, ${describe(targets.get(table.name))}`,
    );
  }
  return targets;
}

function describe(table: BulkTable | undefined): string {
  return table === undefined
    ? 'none'
    : `the columns ${table.columns.join(', ')} and the key ${table.key.join(', ')}`;
}

/** Reads all tables again. Throws `TransferError` if their rows are not those that were taken. */
async function compare(
  reader: BulkReader,
  taken: ReadonlyMap<string, TableState>,
  rowCount: number,
  tell: Tell,
): Promise<void> {
  let rows = 0;
  for (const table of reader.tables) {
    const expected = taken.get(table.name) ?? NOTHING;
    let found = NOTHING;
    for await (const slice of slicesOf(reader, table, undefined)) {
      found = next(found, slice);
      rows += slice.rows.length;
      tell({ phase: 'check', title: table.name, done: share(rows, rowCount), count: rows });
    }
    checkEnd(table.name, found, expected);
  }
}
