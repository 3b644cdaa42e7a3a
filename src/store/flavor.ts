// The differences between SQLite and PostgreSQL. All other SQL is the same for both.
import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Clock } from './clock.ts';
import type { Lists } from './lists.ts';
import type { Tables } from './schema.ts';
import type { Soon } from './together.ts';

export interface Flavor {
  name: 'sqlite' | 'postgres';
  /** Column type of keys and text, compared byte by byte. */
  text: string;
  /** Column type of bytes. */
  bytes: string;
  /** A column of bytes with more at its end. */
  longer: (column: string, more: Uint8Array) => RawBuilder<Uint8Array>;
  /** Suffix of a `create table` whose rows should be stored in primary key order. */
  clustered: string;
  /** The last ENDING_LENGTH characters of a column, reversed; null for null. */
  ending: (column: string) => string;
  /**
   * Whether the eSIM Profiles of an EID are read by the index of its end, which then has the order of their SIDs. PostgreSQL
   * would read them by the index of EIDs and statuses, and sort them.
   */
  eidsByEnd: boolean;
  /** Statements that give the planner statistics, if it does not collect them by itself. */
  statistics: (rows: Statistics) => string[];
  /**
   * Whether the parts of a `union all` are merged in index order if each has its own order and limit, and sorted
   * otherwise. If false, it is the other way round.
   */
  mergesOrderedParts: boolean;
  lists: Lists;
  /**
   * Joins a column's texts, each of one line, in the order in which they are read; null without any. Undefined: reading row by
   * row costs no more.
   */
  joinedLines: ((column: string) => RawBuilder<string | null>) | undefined;
  /** Whether there is such a table. */
  hasTable: (name: string) => RawBuilder<unknown>;
  /** Whether `for update` locks rows; if not, transactions run one at a time. */
  rowLocks: boolean;
  /**
   * Whether tables are spread over servers by account. Then rows of several accounts can be read together, but not locked,
   * nor joined by anything but the account: docs/decisions/0055-citus.md.
   */
  isSpread: boolean;
  /** The database's time at the start of a statement, in milliseconds since 1970, if it has a clock. */
  time: RawBuilder<number> | undefined;
  /**
   * Since when the oldest of the other transactions that have written something is open, in milliseconds since 1970, null if
   * there is none; undefined if transactions run one at a time.
   */
  oldestWriter: RawBuilder<number | null> | undefined;
  /** A date `ms` after the start of a statement, by the database's clock, if it has one. */
  later: ((ms: number) => RawBuilder<string>) | undefined;
  /** Defers work until concurrent callers within a transaction have all made their requests. */
  soon: Soon;
}

/** How many characters of an identifier's end are indexed. */
export const ENDING_LENGTH = 8;

/** What `Flavor.ending` makes of a value. */
export const endingOf = (text: string) =>
  Array.from(text).toReversed().slice(0, ENDING_LENGTH).join('');

/**
 * Table → index (the table's name for its primary key) → number of rows, then how many share the first column, the
 * first two, … They need not be accurate, only lead to the right index.
 */
export type Statistics = Record<string, Record<string, readonly number[]>>;

/**
 * A constant inside a query. The condition of a partial index must be one: from a parameter, a planner cannot tell
 * that the index applies. A limit should be one: SQLite plans by its value, and prepares the statement anew for each.
 */
export const constant = <const T extends string | number>(value: T) => sql.lit(value);

/** A prepared query; its rows are arrays of columns. */
export type PreparedQuery = (parameters: unknown[]) => Promise<unknown[][]>;

/** An open database. Only `sqlite.ts` and `postgres.ts` know which kind. Failures are those of `errors.ts`. */
export interface Backend {
  /** Known once `migrate` or `look` has ended. */
  readonly flavor: Flavor;
  clock: Clock;
  /** For reads outside a transaction, which see committed data. Those asked for at the same time are one journey. */
  reader: Kysely<Tables>;
  /** Runs `work` in one transaction: when the promise resolves, all of it is on disk; when it rejects, none. */
  transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Runs schema changes, one process at a time. */
  migrate(migrations: Migrations, options?: MigrateOptions): Promise<void>;
  /** Instead, for one that is only read. */
  look(): Promise<void>;
  prepare(sql: string): PreparedQuery;
  /** A token that is the same only as long as nothing in the database changes. */
  changeToken(): Promise<string>;
  /** Throws `StoreUnavailable`. */
  figures(): Promise<EngineFigures>;
  /** Its connections now, if it has more than one. */
  connections(): Connections | undefined;
  /** Throws `StoreDamaged` if the database is known to be damaged. */
  check(): void;
  close(): Promise<void>;
}

/** What an engine says of itself. */
export interface EngineFigures {
  sizeBytes: number;
  /** What its write-ahead log has now. */
  logBytes?: number;
  /** What was ever written to it. */
  logBytesWritten?: number;
}

/** How many connections are open, in use, and waited for. */
export interface Connections {
  open: number;
  busy: number;
  waiting: number;
  most: number;
}

export interface MigrateOptions {
  note?: Note | undefined;
  /** Asked first; nothing changes if it throws. */
  check?: (db: Kysely<Tables>) => Promise<void>;
}

/** Told in words what a migration does or waits for. */
export type Note = (message: string) => void;

/** Name of a migration → the migration. Applied in the order of their names. */
export type Migrations = Record<string, Migration>;

export type Migration = Statements | BreakingMigration;

type Statements = (flavor: Flavor) => string[];

/** After which not all older versions work: docs/decisions/0053-rolling-upgrades.md. */
export interface BreakingMigration {
  statements: Statements;
  /** The migration that a version must know to live with this one: it, or an earlier one. */
  needs: string;
}
