// PostgreSQL, for more than one machine.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { DatabaseClock } from './database-clock.ts';
import { ENDING_LENGTH } from './flavor.ts';
import type { Backend, Flavor, Migrations } from './flavor.ts';
import { wholeLists } from './lists.ts';
import { runMigrations } from './migrate.ts';
import { Connections } from './postgres-connections.ts';
import { kyselyOn } from './postgres-dialect.ts';
import { errorCode, translate } from './postgres-errors.ts';
import { PostgresPool } from './postgres-pool.ts';
import type { PoolSettings } from './postgres-pool.ts';
import { PostgresTransaction } from './postgres-transaction.ts';
import type { Tables } from './schema.ts';

const flavor: Flavor = {
  name: 'postgres',
  text: 'text collate "C"',
  bytes: 'bytea',
  longer: (column, more) => sql`${sql.ref(column)} || ${more}`,
  clustered: '',
  ending: (column) => `reverse(right(${column}, ${ENDING_LENGTH}))`,
  eidsByEnd: false,
  statistics: () => [],
  mergesOrderedParts: true,
  lists: wholeLists,
  rowLocks: true,
  time: sql`(extract(epoch from statement_timestamp()) * 1000)::float8`,
  oldestWriter: sql`(select (extract(epoch from min(xact_start)) * 1000)::float8 from pg_stat_activity
    where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid())`,
  later: (ms) => sql`to_char(
    statement_timestamp() at time zone 'UTC' + ${ms}::float8 * interval '1 millisecond',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  soon: (work) => process.nextTick(work),
};

/** The lock that the migrator of older versions takes; of the transaction, so that it holds behind a pooler. */
const MIGRATION_LOCK = `select pg_advisory_xact_lock(3853314791062309107)
  from set_config('lock_timeout', '1h', true)`;
const ATTEMPTS = 5;
/** Conflicts between transactions, after which one must be run again. */
const RUN_AGAIN = new Set(['40001', '40P01', 'CR000']);

/**
 * @param url see `parsePostgresUrl`
 * @param settings for examining it, which may take long, and may be done on a standby
 */
export function openPostgres(url: string, settings: PoolSettings = {}): Backend {
  const pool = new PostgresPool(url, settings);
  const connections = new Connections(pool);
  const kysely = kyselyOn(connections);
  const { reader } = kysely;

  async function transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const connection = await connections.acquire();
      const current = new PostgresTransaction(connection);
      try {
        const result = await work(kysely.within(current));
        await current.commit();
        return result;
      } catch (error) {
        await current.rollBack();
        const again = RUN_AGAIN.has(errorCode(error) ?? '') || current.isUndone;
        if (attempt === ATTEMPTS || !again) throw error;
      } finally {
        connection.release();
      }
    }
  }

  const clock = new DatabaseClock(async (steady) => {
    const connection = await connections.acquire();
    try {
      const asked = steady();
      const text = 'select (extract(epoch from clock_timestamp()) * 1000)::float8';
      const { rows } = await connection.run(text, [], 'time');
      return { time: rows[0]![0] as number, asked, answered: steady() };
    } finally {
      connection.release();
    }
  });
  // The connection may lead to another server now, with another clock.
  pool.on('connect', () => clock.measureSoon());

  return {
    flavor,
    clock,
    reader,
    transaction,
    async migrate(migrations: Migrations) {
      // A statement that changes millions of rows may take as long as it needs.
      const longPool = new PostgresPool(url, { patience: 'long' });
      const { reader: patient } = kyselyOn(new Connections(longPool));
      try {
        await patient.transaction().execute(async (db) => {
          await sql.raw(MIGRATION_LOCK).execute(db);
          await runMigrations(db, flavor, migrations, { ownTransaction: true });
        });
      } catch (error) {
        throw translate(error);
      } finally {
        await patient.destroy();
      }
    },
    prepare: (text) => async (values) => (await connections.read(text, values)).rows,
    changeToken: shareInFlight(async () => {
      // Equal snapshots mean that no transaction was committed in between; but after a failover, transactions that were lost
      // leave their numbers to others.
      const text = `select pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text`;
      const { rows } = await connections.read(text, [], 'change_token');
      return String(rows[0]![0]);
    }),
    check() {},
    close: () => reader.destroy(),
  };
}

/**
 * Runs one query at a time. Callers that arrive during a query share the next one, so no result is older than its
 * request.
 */
function shareInFlight<T>(ask: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  function start(): Promise<T> {
    next = undefined;
    current = ask().finally(() => {
      if (next === undefined) current = undefined;
    });
    return current;
  }
  return () => {
    if (current === undefined) return start();
    next ??= current.then(start, start);
    return next;
  };
}
