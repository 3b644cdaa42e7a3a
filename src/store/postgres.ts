// PostgreSQL, for more than one machine.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { DatabaseClock } from './database-clock.ts';
import { ENDING_LENGTH } from './flavor.ts';
import { hasCitus, spreadTables } from './citus.ts';
import type { Backend, Flavor, MigrateOptions, Migrations } from './flavor.ts';
import { expandedLists, wholeLists } from './lists.ts';
import { MIGRATIONS, newestOf } from './migrate.ts';
import { applicationName, PostgresMigrator } from './migrator.ts';
import { Connections } from './postgres-connections.ts';
import { kyselyOn } from './postgres-dialect.ts';
import { errorCode, isStalePlan, translate } from './postgres-errors.ts';
import { POOL_SIZE, PostgresPool } from './postgres-pool.ts';
import type { PoolSettings } from './postgres-pool.ts';
import { PostgresTransaction } from './postgres-transaction.ts';
import type { Tables } from './schema.ts';

export const PLAIN: Flavor = {
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
  // Each row is a message of its own, which costs the driver more than what is in it.
  joinedLines: (column) => sql`string_agg(${sql.ref(column)}, chr(10))`,
  hasTable: (name) => sql`to_regclass(${name}::text) is not null`,
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
const SPREAD: Flavor = { ...PLAIN, isSpread: true, lists: expandedLists, joinedLines: undefined };

const ATTEMPTS = 5;
/**
 * Gives a transaction a number on the coordinator of Citus, whose own data it may leave alone: so `changeToken` changes, and
 * `oldestWriter` knows of it.
 */
const NUMBERED = 'select pg_current_xact_id()';
/** Of a standby, what it has received. */
const FIGURES = `select pg_database_size(current_database())::float8,
  ((case when pg_is_in_recovery() then pg_last_wal_receive_lsn() else pg_current_wal_lsn() end) - '0/0')::float8`;
/** Of all servers of Citus: of those that answer, and what is written only if all do, since it may not become less. */
const FIGURES_OF_ALL = `select sum((result::float8[])[1]) filter (where success),
    case when bool_and(success) then sum((result::float8[])[2]) end
  from run_command_on_all_nodes($$${FIGURES.replace('select ', 'select array[')}]$$,
    give_warning_for_connection_errors => true)`;
/** Conflicts between transactions, after which one must be run again. */
const RUN_AGAIN = new Set(['40001', '40P01', 'CR000']);

/**
 * @param url see `parsePostgresUrl`
 * @param settings for examining it, which may take long, and may be done on a standby
 */
export function openPostgres(url: string, settings: PoolSettings = {}): Backend {
  const pool = new PostgresPool(url, {
    applicationName: applicationName(newestOf(MIGRATIONS)),
    ...settings,
  });
  const connections = new Connections(pool);
  const kysely = kyselyOn(connections);
  const { reader } = kysely;
  let flavor = PLAIN;

  async function transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const connection = await connections.acquire();
      const current = new PostgresTransaction(connection, flavor.isSpread ? NUMBERED : undefined);
      try {
        const result = await work(kysely.within(current));
        await current.commit();
        return result;
      } catch (error) {
        await current.rollBack();
        const isStale = isStalePlan(error);
        if (isStale) connections.prepareAgain();
        const again = isStale || RUN_AGAIN.has(errorCode(error) ?? '') || current.isUndone;
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
    get flavor() {
      return flavor;
    },
    clock,
    reader,
    transaction,
    async migrate(migrations: Migrations, { note = () => {}, check }: MigrateOptions = {}) {
      // A statement that changes millions of rows may take as long as it needs, and waits as the migrator says.
      const name = applicationName(newestOf(migrations));
      const withPatience = async <T>(
        max: number,
        work: (db: Kysely<Tables>, patient: Connections) => Promise<T>,
      ): Promise<T> => {
        const patient = new Connections(
          new PostgresPool(url, { applicationName: name, patience: 'endless', max }),
        );
        const { reader: db } = kyselyOn(patient);
        try {
          return await work(db, patient);
        } catch (error) {
          throw translate(error);
        } finally {
          await db.destroy();
        }
      };
      const isSpread = await withPatience(POOL_SIZE, async (db, patient) => {
        await check?.(db);
        await new PostgresMigrator(db, patient, PLAIN, migrations, note).run();
        return hasCitus(db);
      });
      if (!isSpread) return;
      // On one connection, beside which there is then none of this server.
      await withPatience(1, (db) => spreadTables(db, note));
      flavor = SPREAD;
    },
    async look() {
      if (await hasCitus(reader)) flavor = SPREAD;
    },
    prepare: (text) => async (values) => (await connections.read(text, values)).rows,
    changeToken: shareInFlight(async () => {
      // Equal snapshots mean that no transaction was committed in between; but after a failover, transactions that were lost
      // leave their numbers to others.
      const text = `select pg_current_snapshot()::text || ' ' || pg_postmaster_start_time()::text`;
      const { rows } = await connections.read(text, [], 'change_token');
      return String(rows[0]![0]);
    }),
    async figures() {
      const text = flavor.isSpread ? FIGURES_OF_ALL : FIGURES;
      const { rows } = await connections.read(text, [], 'figures');
      const [size, written] = rows[0] as [number, number | null];
      return { sizeBytes: size, ...(written === null ? {} : { logBytesWritten: written }) };
    },
    connections: () => ({
      open: pool.totalCount,
      busy: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      most: POOL_SIZE,
    }),
    check() {},
    async close() {
      await reader.destroy();
      // Kysely ends no connections that it has not used.
      await connections.close();
    },
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
