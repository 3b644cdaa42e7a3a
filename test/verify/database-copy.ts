// A database that is damaged by hand, again and again: each time as it was before.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import type { DatabaseConfig } from '../../src/config.ts';

export interface Damaged extends AsyncDisposable {
  config: DatabaseConfig;
  run(...statements: string[]): Promise<void>;
  all(query: string): Promise<any[]>;
  /** As it was when it was opened. */
  restore(): Promise<void>;
}

/** @param config of a database that nobody uses */
export function openToDamage(config: DatabaseConfig): Promise<Damaged> {
  return config.kind === 'sqlite' ? sqlite(config.file) : postgres(config.url);
}

async function sqlite(original: string): Promise<Damaged> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-damaged-'));
  const file = join(folder, 'simwright.db');
  const on = <T>(work: (database: DatabaseSync) => T): T => {
    // Without this, SQLite does not let anybody damage its schema.
    using database = new DatabaseSync(file, { defensive: false });
    return work(database);
  };
  async function restore(): Promise<void> {
    for (const suffix of ['-wal', '-shm']) await rm(file + suffix, { force: true });
    await copyFile(original, file);
    // Those of the audit log refuse what is to be damaged.
    on((database) => {
      const triggers = database.prepare(`select name from sqlite_schema where type = 'trigger'`);
      for (const { name } of triggers.all()) database.exec(`drop trigger ${String(name)}`);
    });
  }
  await restore();
  return {
    config: { kind: 'sqlite', file },
    restore,
    run: async (...statements) =>
      on((database) => {
        for (const statement of statements) database.exec(statement);
      }),
    all: async (query) => on((database) => database.prepare(query).all()),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Keeps the rows of all tables in another schema, and how their indexes are made. */
async function postgres(url: string): Promise<Damaged> {
  const client = new Client({ connectionString: url });
  await client.connect();
  // Those of the audit log refuse what is to be damaged.
  for (const { name, of } of await all(
    `select tgname as name, tgrelid::regclass::text as of from pg_trigger where not tgisinternal`,
  )) {
    await client.query(`drop trigger ${name} on ${of}`);
  }
  const tables = await all(
    `select format('public.%I', tablename) as name, format('saved.%I', tablename) as saved
      from pg_tables where schemaname = 'public'`,
  );
  const indexes = await all(
    `select indexdef from pg_indexes where schemaname = 'public' and indexname not like '%_pkey'`,
  );
  async function all(query: string): Promise<any[]> {
    return (await client.query<any>(query)).rows;
  }
  const refill = tables.flatMap(({ name, saved }) => [
    `delete from ${name}`,
    `insert into ${name} table ${saved}`,
  ]);
  const reindex = indexes.map(({ indexdef }) =>
    (indexdef as string).replace('INDEX', 'INDEX IF NOT EXISTS'),
  );
  const save = tables.map(({ name, saved }) => `create table ${saved} as table ${name};`);
  await client.query(`create schema saved; ${save.join(' ')}`);
  return {
    config: { kind: 'postgres', url },
    all,
    run: async (...statements) => void (await client.query(statements.join('; '))),
    // One by one: Citus makes no index together with other statements.
    async restore() {
      for (const statement of ['drop index if exists damaged', ...refill, ...reindex]) {
        await client.query(statement);
      }
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}
