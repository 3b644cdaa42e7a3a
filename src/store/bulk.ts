// Whole tables, for backups and moves: read in slices by their primary keys from one view of the database, written in slices into
// an empty one. Which tables there are, the database itself says, so none can be forgotten.

import { MIGRATION_TABLES } from './applied-migrations.ts';

/** Text, integers, bytes. */
export type Cell = string | number | null | Uint8Array;

export interface BulkTable {
  name: string;
  /** In alphabetical order, since databases have them in different ones. */
  columns: readonly string[];
  /** Of its columns, those of the primary key, in its order. */
  key: readonly string[];
}

/** What belongs to migrations and transfers rather than to the data. */
export const NOT_DATA: readonly string[] = [
  ...MIGRATION_TABLES,
  'kysely_migration_lock',
  // Made from the others, where they are spread.
  'whereabouts',
  // Of processes that run.
  'key_holders',
];
/** Exists as long as a database is being filled: its only row says how far that is. */
export const TRANSFER = 'transfer_state';

export const NOT_WHOLE =
  'The database is not whole: a restore or a move into it has not come to its end. Run it again, and it goes on; or begin with ' +
  'a new database';

export interface BulkReader extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres';
  /** Whether it is spread over several servers, which have no view in common. */
  readonly isSpread: boolean;
  /** Of which time the view is. */
  readonly takenAt: Date;
  /** Names of the migrations that the database has, in their order. */
  readonly migrations: readonly string[];
  /** In the order of their names. */
  readonly tables: readonly BulkTable[];
  /** Exact, or, of a large table, an estimate. */
  countRows(table: BulkTable): Promise<number>;
  /** Up to `limit` rows behind the one with the key `after`, in the order of the keys. */
  rowsAfter(table: BulkTable, after: readonly Cell[] | undefined, limit: number): Promise<Cell[][]>;
  /** A value of the table `settings`. */
  setting(name: string): Promise<string | undefined>;
  /** Only of a reader that is alone: writes a setting, or with null gets rid of it, and ends the view. */
  leave(setting: string, value: string | null): Promise<void>;
}

export interface BulkWriter extends AsyncDisposable {
  readonly kind: 'sqlite' | 'postgres';
  readonly tables: readonly BulkTable[];
  /** What was last written, by whichever process; undefined: nothing yet. */
  readState(): Promise<string | undefined>;
  /** Rows and state are written together or not at all. */
  write(table: BulkTable | undefined, rows: readonly Cell[][], state: string): Promise<void>;
  /** Secondary indexes; their definitions must be kept until they are made again. */
  listIndexes(): Promise<string[]>;
  dropIndexes(): Promise<void>;
  /** Makes an index unless it is there. @param definition of `listIndexes` */
  makeIndex(definition: string): Promise<void>;
  /** From now on the database is whole. @param settings what `settings` gets besides; null: is rid of */
  finish(settings: Readonly<Record<string, string | null>>): Promise<void>;
}

/** Names of migrations that were read, in their order, each once. */
export const namesIn = (rows: readonly Cell[][]): string[] =>
  [...new Set(rows.map(([name]) => String(name)))].toSorted();

const FIRST_SLICE = 50;
const MOST_ROWS = 2_000;
const SLICE_BYTES = 2 * 1024 * 1024;

/** How many rows to read at once, so that a slice has some size however large its rows are. */
export class SliceSize {
  #rows = FIRST_SLICE;

  get rows(): number {
    return this.#rows;
  }

  /** @param bytes of the slice that was read last, about */
  adapt(rows: number, bytes: number): void {
    if (rows === 0) return;
    const fitting = Math.floor(SLICE_BYTES / Math.max(1, bytes / rows));
    // Rows that come next may be larger.
    this.#rows = Math.max(1, Math.min(MOST_ROWS, fitting, 4 * this.#rows));
  }
}
