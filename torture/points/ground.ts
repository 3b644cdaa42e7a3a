// The databases that trials start on: copies of a few that are prepared once, because a first start takes long.
import type { DatabaseConfig } from '../../src/config.ts';
import type { DatabaseKind } from './point.ts';

/** `empty`: as at a first start. `ready`: the server was started once. `old`: of an older version. */
export const ORIGINS = ['empty', 'ready', 'old'] as const;
export type Origin = (typeof ORIGINS)[number];

export interface Ground extends AsyncDisposable {
  kind: DatabaseKind;
  /** A database of its own, which `free` removes. */
  lay(origin: Origin): Promise<Plot>;
}

export interface Plot {
  /** Of the database at this moment: a death may move it. */
  database(): DatabaseConfig;
  /** Keeps the files as they are, for the next server, away from the one that has died. Does not wait for anything. */
  keep(): void;
  /** What the clock of the database is ahead of the machine's, in milliseconds. */
  setAhead(ms: number): Promise<void>;
  free(): Promise<void>;
}

/** Makes a database `ready`. */
export type Prepare = (database: DatabaseConfig) => Promise<void>;
