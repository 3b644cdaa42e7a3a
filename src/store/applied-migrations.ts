// Which migrations a database has, and which versions may use it: docs/decisions/0053-rolling-upgrades.md.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { MACHINE } from './clock.ts';
import { StoreMismatch } from './errors.ts';
import type { Migration, Migrations } from './flavor.ts';
import { LAST_TOGETHER, needsOf, newestOf } from './migrate.ts';
import type { Tables } from './schema.ts';

/** Up to `LAST_TOGETHER`. Older versions refuse a database in whose table there is one that they do not know. */
const TOGETHER = 'kysely_migration';
/** Those that came later. */
const LATER = 'schema_migrations';

export const MIGRATION_TABLES: readonly string[] = [TOGETHER, LATER];

export interface Applied {
  name: string;
  /** Which migration a version must know to use the database; null: this one changes nothing about that. */
  needs: string | null;
  /** False while indexes are missing, which PostgreSQL creates outside of the transaction. */
  isComplete: boolean;
}

export const isLater = (name: string): boolean => name > LAST_TOGETHER;

/** The tables are made with the first migrations. */
export async function createMigrationTables(db: Kysely<Tables>): Promise<void> {
  await sql`create table if not exists ${sql.table(TOGETHER)} (
    name varchar(255) not null primary key, timestamp varchar(255) not null)`.execute(db);
  await sql`create table if not exists ${sql.table(LATER)} (
    name text not null primary key, needs text, is_complete integer not null,
    date_applied text not null)`.execute(db);
}

export async function appliedTo(db: Kysely<Tables>): Promise<Applied[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const has = (table: string) => tables.some(({ name }) => name === table);
  const applied = new Map<string, Applied>();
  if (has(TOGETHER)) {
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(TOGETHER)}`.execute(
      db,
    );
    // Of later ones, only those are in this table that break older versions; this version would know such a one.
    for (const { name } of rows) applied.set(name, { name, needs: name, isComplete: true });
  }
  if (has(LATER)) {
    const { rows } = await sql<{ name: string; needs: string | null; is_complete: number }>`
      select name, needs, is_complete from ${sql.table(LATER)}`.execute(db);
    for (const { name, needs, is_complete } of rows) {
      applied.set(name, { name, needs, isComplete: is_complete === 1 });
    }
  }
  return [...applied.values()];
}

/** Notes that a migration is applied. */
export async function noteApplied(
  db: Kysely<Tables>,
  name: string,
  migration: Migration,
  { isComplete }: Pick<Applied, 'isComplete'>,
): Promise<void> {
  const now = new Date(MACHINE.wall()).toISOString();
  const needs = needsOf(migration) ?? null;
  if (isLater(name)) {
    await sql`insert into ${sql.table(LATER)} (name, needs, is_complete, date_applied)
      values (${name}, ${needs}, ${isComplete ? 1 : 0}, ${now})`.execute(db);
  }
  // So that versions that know only this table refuse the database, too.
  if (!isLater(name) || needs !== null) {
    await sql`insert into ${sql.table(TOGETHER)} (name, timestamp) values (${name}, ${now})`.execute(
      db,
    );
  }
}

/** Refuses versions that do not know a migration, which was applied before, from now on. */
export async function requireMigration(db: Kysely<Tables>, name: string): Promise<void> {
  const now = new Date(MACHINE.wall()).toISOString();
  await sql`update ${sql.table(LATER)} set needs = ${name} where name = ${name}`.execute(db);
  // For those that know only this table.
  await sql`insert into ${sql.table(TOGETHER)} (name, timestamp) values (${name}, ${now})
    on conflict (name) do nothing`.execute(db);
}

export async function noteComplete(db: Kysely<Tables>, name: string): Promise<void> {
  await sql`update ${sql.table(LATER)} set is_complete = 1 where name = ${name}`.execute(db);
}

/** Throws `StoreMismatch` if a newer version has made what the version with these migrations cannot live with. */
export function checkMayUse(applied: readonly Applied[], known: Migrations): void {
  const tooNew = applied.filter(({ needs }) => needs !== null && known[needs] === undefined);
  if (tooNew.length === 0) return;
  const names = tooNew.map(({ name }) => name).join(', ');
  throw new StoreMismatch(
    `${NEWER_VERSION}. It has the migration ${names}; this version knows those up to ` +
      newestOf(known),
  );
}

export const NEWER_VERSION =
  'The database was made by a newer version of Simwright; run that version, or a newer one';
