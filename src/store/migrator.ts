// Migrates a database to the newest schema while other nodes use it, even if several start at once.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import {
  appliedTo,
  checkMayUse,
  createMigrationTables,
  isLater,
  noteApplied,
  noteComplete,
} from './applied-migrations.ts';
import { StoreMismatch } from './errors.ts';
import type { Flavor, Migration, Migrations, Note } from './flavor.ts';
import { createdIndex, createdTable, needsOf, statementsOf } from './migrate.ts';
import type { Connections } from './postgres-connections.ts';
import { LOCK_LIMIT_MS, Patience } from './patience.ts';
import { errorCode } from './postgres-errors.ts';
import type { Tables } from './schema.ts';
import { sessionsLeft } from './sessions-left.ts';

/** What versions of before decision 53 wait for while another of them migrates. */
const LOCK_OF_OLDER = sql`3853314791062309107`;
const LOCK = sql`5301`;
const LOCK_LIMIT_TOGETHER_MS = 10_000;
/** query_canceled: it took too long. */
const CANCELED = '57014';

const sorted = (migrations: Migrations): [string, Migration][] =>
  Object.entries(migrations).toSorted(([one], [other]) => (one < other ? -1 : 1));

/** All that are missing, in the transaction of `db`, in which nobody else writes. Throws `StoreMismatch`. */
export async function migrateWithin(
  db: Kysely<Tables>,
  flavor: Flavor,
  migrations: Migrations,
): Promise<void> {
  const missing = await missingFrom(db, migrations);
  if (missing.length > 0) await applyAll(db, flavor, missing);
}

async function applyAll(
  db: Kysely<Tables>,
  flavor: Flavor,
  migrations: readonly [string, Migration][],
): Promise<void> {
  await createMigrationTables(db);
  for (const [name, migration] of migrations) {
    for (const statement of statementsOf(migration, flavor)) await sql.raw(statement).execute(db);
    await noteApplied(db, name, migration, { isComplete: true });
  }
}

/** Throws `StoreMismatch`. @returns those that are missing or not complete */
async function missingFrom(
  db: Kysely<Tables>,
  migrations: Migrations,
): Promise<[string, Migration][]> {
  const applied = await appliedTo(db);
  checkMayUse(applied, migrations);
  const complete = new Set(applied.filter(({ isComplete }) => isComplete).map(({ name }) => name));
  return sorted(migrations).filter(([name]) => !complete.has(name));
}

/** On PostgreSQL. */
export class PostgresMigrator {
  readonly #db: Kysely<Tables>;
  readonly #connections: Connections;
  readonly #flavor: Flavor;
  readonly #migrations: Migrations;
  readonly #note: Note;
  readonly #patience: Patience;

  /** @param db on the connections, which have no limit of their own for waiting */
  constructor(
    db: Kysely<Tables>,
    connections: Connections,
    flavor: Flavor,
    migrations: Migrations,
    note: Note,
  ) {
    this.#db = db;
    this.#connections = connections;
    this.#flavor = flavor;
    this.#migrations = migrations;
    this.#note = note;
    this.#patience = new Patience(db, note);
  }

  /** Throws `StoreMismatch`, or an error of the database. */
  async run(): Promise<void> {
    if ((await missingFrom(this.#db, this.#migrations)).length === 0) return;
    await this.#alone(async () => {
      const missing = await missingFrom(this.#db, this.#migrations);
      if (missing.some(([name]) => !isLater(name))) await this.#applyTogether();
      for (const [name, migration] of missing) {
        if (isLater(name)) await this.#apply(name, migration);
      }
    });
  }

  /**
   * While no other node migrates. The lock is that of a transaction, so it also holds behind a pooler. `create index
   * concurrently` waits for whoever still has a snapshot: so those that wait for the lock ask again and again.
   */
  async #alone(work: () => Promise<void>): Promise<void> {
    await this.#patience.until('for another node that migrates the database', () =>
      this.#db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (guard) => {
          const { rows } = await sql<{ locked: boolean }>`
            select pg_try_advisory_xact_lock(${LOCK}) as locked`.execute(guard);
          if (!rows[0]!.locked) return false;
          // It also ends the statement before, and with it the snapshot.
          await sql`set local idle_in_transaction_session_timeout = 0`.execute(guard);
          await work();
          return true;
        }),
    );
  }

  /** Those of before decision 53, of which some change every row: in one transaction, as the versions that made them did. */
  async #applyTogether(): Promise<void> {
    await this.#patience.transaction(LOCK_LIMIT_TOGETHER_MS, async (db) => {
      await sql`select pg_advisory_xact_lock(${LOCK_OF_OLDER})`.execute(db);
      const missing = await missingFrom(db, this.#migrations);
      const together = missing.filter(([name]) => !isLater(name));
      if (together.length === 0) return;
      await applyAll(db, this.#flavor, together);
      await reconnectOlder(db);
    });
  }

  async #apply(name: string, migration: Migration): Promise<void> {
    const statements = statementsOf(migration, this.#flavor);
    const created = new Set(statements.map(createdTable));
    const isApart = (statement: string) => {
      const index = createdIndex(statement);
      return index !== undefined && !created.has(index.table);
    };
    const indexes = statements.filter(isApart);
    const isComplete = indexes.length === 0;
    await this.#refuseBesideOlder(name, needsOf(migration));
    await this.#patience.transaction(LOCK_LIMIT_MS, async (db) => {
      await createMigrationTables(db);
      if ((await appliedTo(db)).some((applied) => applied.name === name)) return;
      const now = statements.filter((statement) => !isApart(statement));
      for (const statement of now) await sql.raw(statement).execute(db);
      if (now.some((statement) => statement.startsWith('alter table'))) {
        await reconnectOlder(db);
      }
      await noteApplied(db, name, migration, { isComplete });
    });
    if (isComplete) return;
    for (const statement of indexes) await this.#createIndex(statement);
    await this.#patience.transaction(LOCK_LIMIT_MS, (db) => noteComplete(db, name));
  }

  /** Throws `StoreMismatch` while a node is connected that could not live with a migration. */
  async #refuseBesideOlder(name: string, needs: string | undefined): Promise<void> {
    if (needs === undefined) return;
    const places = await sessionsLeft(() => placesOfOlder(this.#db, needs));
    if (places.length === 0) return;
    throw new StoreMismatch(
      `The migration ${name} cannot be applied while a version runs that does not know ${needs}: ` +
        `one is connected from ${places.join(', ')}. Replace it by one that does, and start this one again`,
    );
  }

  /** Others write meanwhile. One that was interrupted has left an index that is not valid. */
  async #createIndex(statement: string): Promise<void> {
    const { index, table } = createdIndex(statement)!;
    const { rows } = await this.#connections.run(
      `select indisvalid from pg_index where indexrelid = to_regclass($1)`,
      [index],
    );
    const isValid = rows[0]?.[0];
    if (isValid === true) return;
    if (isValid === false) await this.#connections.run(`drop index concurrently ${index}`, []);
    this.#note(`creating the index ${index} of ${table}; nodes that run go on meanwhile`);
    try {
      await this.#connections.run(
        statement.replace(/^create (unique )?index/, '$& concurrently'),
        [],
      );
    } catch (error) {
      if (errorCode((error as Error).cause) !== CANCELED) throw error;
      await this.#connections.run(`drop index concurrently if exists ${index}`, []).catch(() => {});
      throw new StoreMismatch(
        `The index ${index} of ${table} takes longer than statement_timeout of the role or the database allows, and behind a ` +
          'pooler it cannot be lifted. Start this version once with the host and port of PostgreSQL itself in ' +
          'SIMWRIGHT_DATABASE_URL; it can use the pooler again afterwards',
        { cause: error },
      );
    }
  }
}

/** What connections of servers and commands are called, of whichever version: a pattern of PostgreSQL. */
export const OF_SERVERS = '^simwright( [0-9]|$)';

/**
 * Versions up to 033 fail for good, on that connection, with a prepared statement that reads a whole table which has got a
 * column. This transaction has locked the table: on another connection, they wait for its end and prepare it anew.
 */
async function reconnectOlder(db: Kysely<Tables>): Promise<void> {
  await sql`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and usename = current_user and application_name = 'simwright'
      and pid <> pg_backend_pid() and wait_event is distinct from 'advisory'`.execute(db);
}

/** What connections of a version are called: with the newest migration that it knows. Older ones have the name alone. */
export const applicationName = (newest: string): string => `simwright ${newest}`;

/** Where nodes are connected from that do not know a migration. */
export async function placesOfOlder(db: Kysely<Tables>, needs: string): Promise<string[]> {
  const { rows } = await sql<{ at: string }>`
    select distinct coalesce(host(client_addr), 'this machine') as at from pg_stat_activity
    where datname = current_database() and application_name collate "C" < ${applicationName(needs)}
      and application_name like 'simwright%'`.execute(db);
  return rows.map(({ at }) => at);
}
