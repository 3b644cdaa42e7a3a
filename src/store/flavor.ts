// What SQLite and PostgreSQL say differently. Whatever is not here is one text for both.
import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Clock } from './clock.ts';
import type { Tables } from './schema.ts';
import type { Soon } from './together.ts';

export interface Flavor {
  name: 'sqlite' | 'postgres';
  /** Column type of keys and text: compared byte by byte. */
  text: string;
  /** Ends a `create table` whose rows shall lie in the order of the primary key. */
  clustered: string;
  /** The last ENDING_LENGTH characters of a column, the last one first; null of null. */
  ending: (column: string) => string;
  /** Statements that tell the planner what rows there will be, where it cannot find out by itself. */
  statistics: (rows: Statistics) => string[];
  /**
   * Whether the parts of a `union all` are merged in the order of their indexes when each is ordered
   * and limited by itself, and sorted when not. Where it is false, the other way round.
   */
  mergesOrderedParts: boolean;
  /** Whether rows are locked by `for update`; where they are not, one transaction runs at a time. */
  rowLocks: boolean;
  /** The database's own time when a statement begins, in milliseconds since 1970, where it has a clock. */
  time: RawBuilder<number> | undefined;
  /** A date so many milliseconds after a statement begins, by the database's own clock, where it has one. */
  later: ((ms: number) => RawBuilder<string>) | undefined;
  /** When those who work side by side within a transaction have all asked for what they need next. */
  soon: Soon;
}

/** As many characters of an end as an index holds. */
export const ENDING_LENGTH = 8;

/**
 * Table → index (the table's own name: its primary key) → how many rows it holds, then how many of
 * them share the first column, the first two, … They need not be true, but say which index to take.
 */
export type Statistics = Record<string, Record<string, readonly number[]>>;

/**
 * A constant inside a query. Where an index is partial, its condition must be one: a planner that sees
 * a parameter cannot know that the index holds the row.
 */
export const constant = <const T extends string>(text: T) => sql.lit(text);

/** A query that is compiled once: rows as arrays of columns. */
export type PreparedQuery = (parameters: unknown[]) => Promise<unknown[][]>;

/** A database that is open. Only `sqlite.ts` and `postgres.ts` know which. What fails, fails by `errors.ts`. */
export interface Backend {
  flavor: Flavor;
  clock: Clock;
  /** For reads outside a transaction: they see what was committed. */
  reader: Kysely<Tables>;
  /** Runs `work` in one transaction: all of it is on disk when the promise resolves, or none. */
  transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T>;
  /** Runs schema changes, one process at a time. */
  migrate(migrations: Migrations): Promise<void>;
  /** @param name of this query alone */
  prepare(name: string, sql: string): PreparedQuery;
  /** A text that stays the same only while nothing in the database changes. */
  changeToken(): Promise<string>;
  /** Throws what is known to be wrong for good: `StoreDamaged`. */
  check(): void;
  close(): Promise<void>;
}

/** Name of a migration → its statements. Names sort in the order in which they are applied. */
export type Migrations = Record<string, (flavor: Flavor) => string[]>;
