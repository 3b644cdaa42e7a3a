// PostgreSQL, for more than one machine.
import { Kysely, PostgresDialect } from 'kysely';
import type { PostgresPool } from 'kysely';
import { Pool, types } from 'pg';
import { AlreadyExists, StoreUnavailable } from './errors.ts';
import { ENDING_LENGTH } from './flavor.ts';
import type { Backend, Flavor, Migrations } from './flavor.ts';
import { runMigrations } from './migrate.ts';
import type { Tables } from './schema.ts';

const flavor: Flavor = {
  name: 'postgres',
  text: 'text collate "C"',
  clustered: '',
  ending: (column) => `reverse(right(${column}, ${ENDING_LENGTH}))`,
  statistics: () => [],
  mergesOrderedParts: true,
  rowLocks: true,
  soon: setImmediate,
};

type TypeParser = (text: string) => unknown;

const POOL_SIZE = 10;
const CONNECT_LIMIT_MS = 5_000;
const QUERY_LIMIT_MS = 120_000;
const IDLE_LIMIT_MS = 15_000;
const LOCK_LIMIT_MS = 10_000;
const ATTEMPTS = 5;
/** Statements that a connection keeps planned. */
const STATEMENT_LIMIT = 200;
/** Statements with more values are about many rows, and seldom about so many again. */
const FEW_VALUES = 40;

const UNIQUE_VIOLATION = '23505';
/** Two transactions met: one of them is to be run again. */
const RUN_AGAIN = new Set(['40001', '40P01', 'CR000']);
/** Classes 08 connection, 53 resources, 57 operator intervention, 58 system; lock and idle limits; codes of the socket. */
const UNAVAILABLE =
  /^(08|53|57|58)|^(25P03|55P03)$|^E(CONNREFUSED|CONNRESET|HOSTUNREACH|NOTFOUND|PIPE|TIMEDOUT)$/;
/** What the driver says without a code. */
const LOST = /Connection terminated|not queryable|timeout exceeded|Query read timeout/;
/** Class 28 user or password, 3D000 no such database. */
const REFUSED = /^(28...|3D000)$/;

/** @param url postgres://USER:PASSWORD@HOST:PORT/DATABASE */
export function openPostgres(url: string): Backend {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    application_name: 'simwright',
    keepAlive: true,
    query_timeout: QUERY_LIMIT_MS,
    // A node that freezes in a transaction does not hold its rows for ever.
    idle_in_transaction_session_timeout: IDLE_LIMIT_MS,
    lock_timeout: LOCK_LIMIT_MS,
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 ? Number : (types.getTypeParser(oid, format) as TypeParser),
    },
  });
  // A connection that dies is replaced at the next use; the query that meets the loss reports it.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: adapt(pool) }) });

  async function transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await db.transaction().execute(work);
      } catch (error) {
        if (attempt === ATTEMPTS || !RUN_AGAIN.has(errorCode(error) ?? '')) throw translate(error);
      }
    }
  }

  let prepared = 0;
  return {
    flavor,
    reader: db,
    transaction,
    async migrate(migrations: Migrations) {
      try {
        await runMigrations(db, flavor, migrations, { ownTransaction: true });
      } catch (error) {
        throw translate(error);
      }
    },
    prepare(name, text) {
      const query =
        prepared++ < STATEMENT_LIMIT
          ? { name, text, rowMode: 'array' as const }
          : { text, rowMode: 'array' as const };
      return async (values) => (await pool.query<unknown[]>({ ...query, values })).rows;
    },
    changeToken: shareInFlight(async () => {
      // No transaction committed between two equal snapshots.
      const { rows } = await pool.query<[string]>({
        name: 'change_token',
        text: 'select pg_current_snapshot()::text',
        rowMode: 'array',
      });
      return rows[0]![0];
    }),
    isUnavailable: (error) => translate(error) instanceof StoreUnavailable,
    close: () => db.destroy(),
  };
}

/** Kysely's view of the pool: a statement is planned once a connection, and found again by its name. */
function adapt(pool: Pool): PostgresPool {
  const names = new Map<string, string>();
  function nameOf(text: string, values: unknown[]): string | undefined {
    if (values.length === 0 || values.length > FEW_VALUES) return undefined;
    const known = names.get(text);
    if (known !== undefined || names.size >= STATEMENT_LIMIT) return known;
    const name = `s${names.size}`;
    names.set(text, name);
    return name;
  }
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect();
      return {
        query: (async (text: string, values: unknown[]) => {
          const name = nameOf(text, values);
          return client.query(name === undefined ? { text, values } : { name, text, values });
        }) as never,
        release: (destroy) => client.release(destroy),
      };
    },
  };
}

/**
 * One question at a time, and one answer for all who ask while it is under way: they get the answer
 * of the next one, so that nobody is told what was true before it asked.
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

function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function translate(error: unknown): unknown {
  const code = errorCode(error);
  if (code === UNIQUE_VIOLATION) {
    return new AlreadyExists('A row with this key exists', { cause: error });
  }
  if (code !== undefined && REFUSED.test(code)) {
    const { message } = error as Error;
    return new StoreUnavailable(`PostgreSQL refuses: ${message}; check SIMWRIGHT_DATABASE_URL`, {
      cause: error,
    });
  }
  const lost = error instanceof Error && LOST.test(error.message);
  if (lost || (code !== undefined && UNAVAILABLE.test(code))) {
    // An error of several addresses at once has a code and no message.
    const reason = (error as Error).message || code;
    return new StoreUnavailable(`PostgreSQL cannot answer: ${reason}`, { cause: error });
  }
  return error;
}
