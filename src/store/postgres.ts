// PostgreSQL, for more than one machine.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { Pool } from 'pg';
import type { PoolConfig } from 'pg';
import { DatabaseClock } from './database-clock.ts';
import { ENDING_LENGTH } from './flavor.ts';
import type { Backend, Flavor, Migrations } from './flavor.ts';
import { hasCitus, spreadTables } from './citus.ts';
import { expandedLists, wholeLists } from './lists.ts';
import { runMigrations } from './migrate.ts';
import { Connections } from './postgres-connections.ts';
import { kyselyOn } from './postgres-dialect.ts';
import { errorCode, translate } from './postgres-errors.ts';
import { PostgresTransaction } from './postgres-transaction.ts';
import type { Tables } from './schema.ts';

const PLAIN: Flavor = {
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
  isSpread: false,
  time: sql`(extract(epoch from statement_timestamp()) * 1000)::float8`,
  oldestWriter: sql`(select (extract(epoch from min(xact_start)) * 1000)::float8 from pg_stat_activity
    where datname = current_database() and backend_xid is not null and pid <> pg_backend_pid())`,
  later: (ms) => sql`to_char(
    statement_timestamp() at time zone 'UTC' + ${ms}::float8 * interval '1 millisecond',
    'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  soon: (work) => process.nextTick(work),
};

/** Citus reads lists that are values among the parameters: from an array or JSON it cannot tell whose rows are meant. */
const SPREAD: Flavor = { ...PLAIN, isSpread: true, lists: expandedLists };

const POOL_SIZE = 10;
const CONNECT_LIMIT_MS = 5_000;
const QUERY_LIMIT_MS = 120_000;
const IDLE_LIMIT_MS = 15_000;
const LOCK_LIMIT_MS = 10_000;
const ATTEMPTS = 5;
/**
 * Gives a transaction a number on the coordinator of Citus, whose own data it may leave alone: so `changeToken` changes, and
 * `oldestWriter` knows of it.
 */
const NUMBERED = 'select pg_current_xact_id()';
/** Conflicts between transactions, after which one must be run again. */
const RUN_AGAIN = new Set(['40001', '40P01', 'CR000']);

function poolOf(url: string, limits: PoolConfig): Pool {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    application_name: 'simwright',
    keepAlive: true,
    // A node that freezes in a transaction must not lock its rows forever.
    idle_in_transaction_session_timeout: IDLE_LIMIT_MS,
    lock_timeout: LOCK_LIMIT_MS,
    ...limits,
  });
  // Dead connections are replaced at the next use; the affected query reports the error.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}

/** @param url postgres://USER:PASSWORD@HOST:PORT/DATABASE */
export function openPostgres(url: string): Backend {
  const pool = poolOf(url, { query_timeout: QUERY_LIMIT_MS });
  const connections = new Connections(pool);
  const kysely = kyselyOn(connections);
  const { reader } = kysely;
  let flavor = PLAIN;

  async function transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await transactOnce(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !RUN_AGAIN.has(errorCode(error) ?? '')) throw error;
      }
    }
  }

  async function transactOnce<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const connection = await connections.acquire();
    const current = new PostgresTransaction(connection, flavor.isSpread ? NUMBERED : undefined);
    try {
      const result = await work(kysely.within(current));
      await current.commit();
      return result;
    } catch (error) {
      await current.rollBack();
      throw error;
    } finally {
      connection.release();
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
    get flavor() {
      return flavor;
    },
    clock,
    reader,
    transaction,
    async migrate(migrations: Migrations) {
      // A statement that changes millions of rows may take as long as it needs.
      const { reader: patient } = kyselyOn(new Connections(poolOf(url, {})));
      try {
        await runMigrations(patient, PLAIN, migrations, { ownTransaction: true });
        if (await hasCitus(patient)) {
          await spreadTables(patient);
          flavor = SPREAD;
        }
      } catch (error) {
        throw translate(error);
      } finally {
        await patient.destroy();
      }
    },
    async look() {
      if (await hasCitus(reader)) flavor = SPREAD;
    },
    prepare: (text) => async (values) => (await connections.read(text, values)).rows,
    changeToken: shareInFlight(async () => {
      // Equal snapshots mean that no transaction was committed in between.
      const text = 'select pg_current_snapshot()::text';
      const { rows } = await connections.read(text, [], 'change_token');
      return String(rows[0]![0]);
    }),
    check() {},
    // Kysely closes only what it has used.
    close: () => connections.close(),
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
