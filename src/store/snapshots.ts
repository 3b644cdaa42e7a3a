// A database opened only to be examined: nothing is migrated, created or written.
import type { Kysely } from 'kysely';
import { appliedTo, NEWER_VERSION } from './applied-migrations.ts';
import { NOT_WHOLE, TRANSFER } from './bulk.ts';
import { StoreMismatch } from './errors.ts';
import type { Flavor } from './flavor.ts';
import { MIGRATIONS } from './migrate.ts';
import type { Tables } from './schema.ts';
import type { TableSize } from './table-sizes.ts';

/** What the database finds when it examines its own files. */
export interface Soundness {
  /** A sentence for each page, row or index that is not sound. */
  problems: string[];
  /** Why part of it could not be examined. */
  unexamined?: string;
}

export interface Snapshots {
  readonly kind: Flavor['name'];
  /** For the queries of the store on a view. */
  readonly flavor: Flavor;
  /**
   * Runs `work` on one consistent view, which never waits for writers and never holds them up. Keep it short: while a
   * view is open, SQLite cannot begin its log anew and PostgreSQL cannot vacuum what it sees.
   */
  read: <T>(work: (db: Kysely<Tables>) => Promise<T>) => Promise<T>;
  /** The time by the clock that the database's users share. */
  now: () => Promise<Date>;
  /** Of all tables. */
  sizes: () => Promise<TableSize[]>;
  /** Examines pages and indexes. */
  examine: () => Promise<Soundness>;
  close: () => Promise<void>;
}

/** Throws `StoreMismatch` if the schema is not that of this version: what a newer one has written, this one cannot judge. */
export async function checkSchema({ read }: Snapshots): Promise<void> {
  const applied = await read(async (db) => {
    const tables = await db.introspection.getTables();
    if (tables.some(({ name }) => name === TRANSFER)) throw new StoreMismatch(NOT_WHOLE);
    return appliedTo(db);
  });
  if (applied.some(({ name }) => MIGRATIONS[name] === undefined)) {
    throw new StoreMismatch(NEWER_VERSION);
  }
  if (applied.length === 0) {
    throw new StoreMismatch(
      'The database is empty; check SIMWRIGHT_DATA or SIMWRIGHT_DATABASE_URL',
    );
  }
  const complete = applied.filter(({ isComplete }) => isComplete);
  if (complete.length < Object.keys(MIGRATIONS).length) {
    throw new StoreMismatch(
      'The database was made by an older version of Simwright and has not been migrated; ' +
        'start the server once, or examine the database with the version that made it',
    );
  }
}
