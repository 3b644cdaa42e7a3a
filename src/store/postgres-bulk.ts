// Whole tables of a PostgreSQL database.
import { Client, types } from 'pg';
import type { CustomTypesConfig } from 'pg';
import { MIGRATION_TABLES } from './applied-migrations.ts';
import { namesIn, NOT_DATA, TRANSFER } from './bulk.ts';
import type { BulkReader, BulkTable, BulkWriter, Cell } from './bulk.ts';
import { ASK_FOR_CITUS } from './citus.ts';
import { copyIn } from './copy-in.ts';
import { StoreInUse, StoreMismatch } from './errors.ts';
import { OF_SERVERS } from './migrator.ts';
import { cannotConnect, translate } from './postgres-errors.ts';
import { PostgresPool } from './postgres-pool.ts';
import { hasOwnSession } from './postgres-session.ts';
import { parsePostgresUrl } from './postgres-url.ts';
import type { Host } from './postgres-url.ts';
import { sessionsLeft } from './sessions-left.ts';

const APPLICATION = 'simwright transfer';
const CONNECT_LIMIT_MS = 5_000;
/** Of a table that has at least so many rows, an estimate is enough. */
const MANY_ROWS = 100_000;

const { BYTEA, INT2, INT4, INT8 } = types.builtins;
const INTEGERS: readonly unknown[] = [INT2, INT4, INT8];
const bytes = types.getTypeParser(BYTEA) as (text: string) => Buffer;
const same = (value: string) => value;
/** Text, integers and bytes; whatever else there is stays text. */
const CELLS: CustomTypesConfig = {
  getTypeParser: (type: unknown) =>
    INTEGERS.includes(type) ? Number : type === BYTEA ? bytes : same,
};

/** Of several hosts, the one that accepts writes. Throws `StoreUnavailable`. */
async function findPrimary(url: string): Promise<Host> {
  const pool = new PostgresPool(url, { applicationName: APPLICATION, max: 1 });
  try {
    const client = await pool.acquire();
    const { host, port } = client as Client & Host;
    client.release();
    return { host, port };
  } finally {
    await pool.end();
  }
}

class Connection {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  /** Throws `StoreUnavailable`. */
  static async open(url: string): Promise<Connection> {
    const { url: connectionString, hosts } = parsePostgresUrl(url);
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      application_name: APPLICATION,
      keepAlive: true,
      types: CELLS,
    });
    if (hosts.length > 1) Object.assign(client, await findPrimary(url));
    client.on('error', () => {});
    try {
      await client.connect();
      return new Connection(client);
    } catch (error) {
      throw cannotConnect(error);
    }
  }

  /** Rows as arrays. */
  async all(text: string, values: readonly unknown[] = []): Promise<Cell[][]> {
    try {
      const { rows } = await this.client.query<Cell[]>({
        text,
        values: [...values],
        rowMode: 'array',
      });
      return rows;
    } catch (error) {
      throw translate(error);
    }
  }

  async transact(work: () => Promise<void>): Promise<void> {
    await this.all('begin');
    try {
      await work();
      await this.all('commit');
    } catch (error) {
      await this.all('rollback').catch(() => {});
      throw translate(error);
    }
  }

  close(): Promise<void> {
    return this.client.end();
  }
}

/**
 * A view that lasts until the reader is disposed of; meanwhile nothing that it sees is vacuumed. Others go on writing, unless
 * it is alone.
 * @param isAlone whether nobody else may write meanwhile Throws `StoreInUse`, `StoreUnavailable`.
 */
export async function openPostgresReader(
  url: string,
  { isAlone = false } = {},
): Promise<BulkReader> {
  const connection = await Connection.open(url);
  const all = (text: string, values?: readonly unknown[]) => connection.all(text, values);
  try {
    if (isAlone) {
      await refusePooler(connection);
      await refuseOthers(connection);
    }
    const tables = await listTables(connection);
    const names = tables.map(({ name }) => `"${name}"`).join();
    await all(`start transaction isolation level repeatable read ${isAlone ? '' : 'read only'}`);
    // Before the view is taken, which the first query does. Others may read.
    if (isAlone && names !== '') await all(`lock table ${names} in share mode`);
    const [now] = await all(`select (extract(epoch from clock_timestamp()) * 1000)::int8`);
    const migrations: Cell[][] = [];
    for (const table of MIGRATION_TABLES) {
      const [there] = await all('select to_regclass($1) is not null', [table]);
      if (there![0] === 't') migrations.push(...(await all(`select name::text from ${table}`)));
    }
    const citus = await all(ASK_FOR_CITUS);
    return {
      kind: 'postgres',
      isSpread: citus.length > 0,
      takenAt: new Date(Number(now![0])),
      tables,
      migrations: namesIn(migrations),
      async countRows({ name }) {
        const [estimate] = await all(
          'select reltuples::int8 from pg_class where oid = to_regclass($1)',
          [`"${name}"`],
        );
        if (Number(estimate?.[0]) >= MANY_ROWS) return Number(estimate![0]);
        return Number((await all(`select count(*) from "${name}"`))[0]![0]);
      },
      rowsAfter({ name, columns, key }, after, limit) {
        const order = quoted(key);
        const places = after?.map((_value, index) => `$${index + 1}`).join();
        const where = places === undefined ? '' : ` where (${order}) > (${places})`;
        const text = `select ${quoted(columns)} from "${name}"${where} order by ${order} limit ${limit}`;
        return all(text, after);
      },
      async setting(name) {
        const rows = await all('select value from settings where name = $1', [name]);
        return rows[0]?.[0] as string | undefined;
      },
      async leave(name, value) {
        await all('delete from settings where name = $1', [name]);
        if (value !== null) {
          await all('insert into settings (name, value) values ($1, $2)', [name, value]);
        }
        await all('commit');
      },
      [Symbol.asyncDispose]: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** Before anything is written there. Throws `StoreMismatch`, `StoreUnavailable`. */
export async function refusePoolerAt(url: string): Promise<void> {
  const connection = await Connection.open(url);
  try {
    await refusePooler(connection);
  } finally {
    await connection.close();
  }
}

/** @param url of a database with its schema Throws `StoreInUse`, `StoreUnavailable`. */
export async function openPostgresWriter(url: string): Promise<BulkWriter> {
  const connection = await Connection.open(url);
  const { client } = connection;
  const all = (text: string, values?: readonly unknown[]) => connection.all(text, values);
  try {
    await refuseOthers(connection);
    // As long as this connection lasts, no other transfer into the database begins.
    const [locked] = await all(`select pg_try_advisory_lock(hashtextextended('${TRANSFER}', 0))`);
    if (locked![0] !== 't') throw new StoreInUse('Another transfer into this database is running');
    // What a power cut takes back, rows and state, is written again when the transfer goes on.
    await all(`set synchronous_commit = off`);
    await all(`set maintenance_work_mem = '256MB'`);
    const tables = await listTables(connection);
    const hasState = async () =>
      (await all('select to_regclass($1) is not null', [TRANSFER]))[0]![0] === 't';
    return {
      kind: 'postgres',
      tables,
      async readState() {
        if (!(await hasState())) return undefined;
        return (await all(`select state from ${TRANSFER}`))[0]?.[0] as string | undefined;
      },
      async write(table, rows, state) {
        const isNew = table === undefined && !(await hasState());
        await connection.transact(async () => {
          if (isNew) await all(`create table ${TRANSFER} (state text not null)`);
          if (table !== undefined) await copyIn(client, table, rows);
          await all(`delete from ${TRANSFER}`);
          await all(`insert into ${TRANSFER} (state) values ($1)`, [state]);
        });
      },
      listIndexes: async () => indexesOf(await listIndexes(connection)),
      async dropIndexes() {
        const found = await listIndexes(connection);
        await connection.transact(async () => {
          for (const { name } of found) await all(`drop index "${name}"`);
        });
      },
      async makeIndex(definition) {
        const { name, sql } = JSON.parse(definition) as PostgresIndex;
        const [there] = await all('select to_regclass($1) is not null', [`"${name}"`]);
        if (there![0] !== 't') await all(sql);
      },
      async finish(settings) {
        for (const { name } of tables) await all(`analyze "${name}"`);
        await all('set synchronous_commit = on');
        await connection.transact(async () => {
          await all(`drop table if exists ${TRANSFER}`);
          for (const [name, value] of Object.entries(settings)) {
            await all('delete from settings where name = $1', [name]);
            if (value === null) continue;
            await all('insert into settings (name, value) values ($1, $2)', [name, value]);
          }
        });
      },
      [Symbol.asyncDispose]: () => connection.close(),
    };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/**
 * Throws `StoreMismatch` if the session is not that of the connection: who else uses the database would not be seen, and what is
 * set and locked for the transfer would stay with a session that others get.
 */
async function refusePooler(connection: Connection): Promise<void> {
  const { client } = connection;
  const [own] = await connection.all(`select ${hasOwnSession(client)}`);
  if (own![0] === 't') return;
  throw new StoreMismatch(
    `At ${client.host}:${client.port} is a pooler, which gives each transaction another session of PostgreSQL; move and restore ` +
      'need one of their own. Name the host and port of PostgreSQL itself for this command: in --to, --from or ' +
      'SIMWRIGHT_DATABASE_URL. Servers can use the pooler again afterwards',
  );
}

/** Throws `StoreInUse` if a server or a command is connected. One that has just ended is given a moment to vanish. */
async function refuseOthers(connection: Connection): Promise<void> {
  const others = await sessionsLeft(() =>
    connection.all(
      `select pid, coalesce(host(client_addr), 'a socket'), backend_start::text from pg_stat_activity
        where datname = current_database() and application_name ~ $1 and pid <> pg_backend_pid()
        order by backend_start limit 5`,
      [OF_SERVERS],
    ),
  );
  if (others.length === 0) return;
  const listed = others.map(
    ([pid, from, since]) => `process ${String(pid)} from ${String(from)} since ${String(since)}`,
  );
  throw new StoreInUse(
    `The PostgreSQL database is in use by Simwright: ${listed.join('; ')}. Stop all servers and commands that use it first. A pooler keeps connections of those that have ended: let it close them (PgBouncer: RECONNECT)`,
  );
}

const quoted = (columns: readonly string[]) => columns.map((column) => `"${column}"`).join();

async function listTables(connection: Connection): Promise<BulkTable[]> {
  const rows = (await connection.all(`
    select c.relname::text, a.attname::text, array_position(i.indkey::int2[], a.attnum)
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_index as i on i.indrelid = c.oid and i.indisprimary
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
      and not c.relispartition
    order by c.relname collate "C", a.attnum`)) as [string, string, number | null][];
  const byTable = Map.groupBy(
    rows.filter(([name]) => name !== TRANSFER && !NOT_DATA.includes(name)),
    ([name]) => name,
  );
  return Array.from(byTable, ([name, columns]) => ({
    name,
    columns: columns.map(([, column]) => column).toSorted(),
    key: columns
      .filter(([, , place]) => place !== null)
      .toSorted(([, , left], [, , right]) => left! - right!)
      .map(([, column]) => column),
  }));
}

interface PostgresIndex {
  name: string;
  sql: string;
}

/** Those that no constraint needs. */
async function listIndexes(connection: Connection): Promise<PostgresIndex[]> {
  const rows = await connection.all(`
    select c.relname::text, pg_get_indexdef(i.indexrelid) from pg_index as i
    join pg_class as c on c.oid = i.indexrelid join pg_class as t on t.oid = i.indrelid
    where c.relnamespace = current_schema()::regnamespace and not t.relispartition
      and t.relname not like 'kysely%'
      and not exists (select from pg_constraint where conindid = i.indexrelid)
    order by c.relname collate "C"`);
  return rows.map(([name, sql]) => ({ name: String(name), sql: String(sql) }));
}

const indexesOf = (found: readonly PostgresIndex[]) => found.map((index) => JSON.stringify(index));
