// Runs the same tests on each database, and reports which is not available.
import { after, before, describe } from 'node:test';
import { citusUrl, dropCitusDatabases, freshCitusDatabase, withoutCitus } from './citus.ts';
import { startPgBouncer, withoutPgBouncer } from './pgbouncer.ts';
import type { PgBouncer } from './pgbouncer.ts';
import { freshDatabase, startPostgres } from './postgres.ts';
import type { Postgres } from './postgres.ts';
import { startTestServer } from './server.ts';
import type { TestServer, TestSettings } from './server.ts';

/** Undefined if it is not installed. */
export const postgres: Postgres | undefined = await startPostgres();
if (postgres) after(() => postgres.stop());
after(dropCitusDatabases);

/** Why a test of PostgreSQL is skipped. */
export const withoutPostgres = postgres === undefined && 'PostgreSQL is not installed here';

/** Why a test of PostgreSQL behind PgBouncer is skipped. */
export const withoutPooler = withoutPostgres || withoutPgBouncer;

/** Database URLs for `settings`; undefined is SQLite in its own folder. */
export interface TestDatabase {
  name: string;
  /** An empty database. */
  fresh(): Promise<string | undefined>;
  /** A database of its own whose tables may be there already. */
  own(): Promise<string | undefined>;
}

const none = async () => undefined;

/** @returns the URL of a new database on PostgreSQL whose tables are there already: a twentieth of the work of an empty one */
export const databaseWithTables = () =>
  freshDatabase(postgres!.url, process.env['TEST_DATABASE_TEMPLATE']);
const freshOnPostgres = () => freshDatabase(postgres!.url);

/** One test after the other, also if the suites run at once. */
const IN_ORDER = { concurrency: 1 };

/** On SQLite and PostgreSQL: for what there is not on Citus, as databases of older versions, or triggers. */
export function onPlainDatabases(title: string, suite: (database: TestDatabase) => void): void {
  describe(`${title}, on SQLite`, IN_ORDER, () =>
    suite({ name: 'SQLite', fresh: none, own: none }),
  );
  describe(`${title}, on PostgreSQL`, { ...IN_ORDER, skip: withoutPostgres }, () =>
    suite({ name: 'PostgreSQL', fresh: freshOnPostgres, own: databaseWithTables }),
  );
}

/** On Citus, too. */
export function onEachDatabase(title: string, suite: (database: TestDatabase) => void): void {
  onPlainDatabases(title, suite);
  describe(`${title}, on Citus`, { ...IN_ORDER, skip: withoutCitus }, () => {
    const fresh = () => freshCitusDatabase(citusUrl!);
    suite({ name: 'Citus', fresh, own: fresh });
  });
}

/** As `onEachDatabase`, on all of them at once: for suites that mostly wait. */
export function onAllDatabasesAtOnce(title: string, suite: (database: TestDatabase) => void): void {
  describe(title, { concurrency: 3 }, () => onEachDatabase(title, suite));
}

/** On PostgreSQL behind PgBouncer, too. */
export function onEachDatabaseAndPooler(
  title: string,
  suite: (database: TestDatabase) => void,
): void {
  onEachDatabase(title, suite);
  describe(`${title}, on PostgreSQL behind PgBouncer`, { skip: withoutPooler }, () => {
    let pooler: PgBouncer;
    before(async () => {
      pooler = await startPgBouncer(postgres!.url);
    });
    after(() => pooler[Symbol.asyncDispose]());
    suite({
      name: 'PostgreSQL',
      fresh: async () => pooler.urlOf(await freshOnPostgres()),
      own: async () => pooler.urlOf(await databaseWithTables()),
    });
  });
}

/** Starts a server before the tests of a suite. */
export function serverOn(database: TestDatabase, settings: TestSettings = {}): () => TestServer {
  let server: TestServer;
  before(async () => {
    const databaseUrl = await database.own();
    server = await startTestServer({
      ...settings,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
  });
  after(() => server[Symbol.asyncDispose]());
  return () => server;
}
