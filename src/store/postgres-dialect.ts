// PostgreSQL's connections, as Kysely uses them.
import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import type { TransactionSettings } from 'kysely';
import type { Answer } from './postgres-batch.ts';
import type { Connections, PooledConnection } from './postgres-connections.ts';
import type { PostgresTransaction } from './postgres-transaction.ts';
import type { Tables } from './schema.ts';
import { StraightExecutor } from './straight-executor.ts';

export interface KyselyOnPostgres {
  /** For reading; and, for migrations and snapshots, transactions as Kysely makes them. */
  reader: Kysely<Tables>;
  /** All statements in one transaction. Kysely would send the next one only when the one before is answered. */
  within(transaction: PostgresTransaction): Kysely<Tables>;
}

export function kyselyOn(connections: Connections): KyselyOnPostgres {
  const driver = new PostgresDriver(connections);
  // One for all transactions: each has a hundred functions of its own.
  const compiler = new PostgresQueryCompiler();
  const dialect: Dialect = {
    createAdapter: () => new TransactionAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => compiler,
  };
  const config = { dialect };
  const reader = new Kysely<Tables>(config);
  return {
    reader,
    within(transaction) {
      const connection = new KyselyConnection((text, values) => transaction.run(text, values));
      const executor = new StraightExecutor(dialect, connection);
      return new Kysely<Tables>({ config, dialect, driver, executor });
    },
  };
}

/** Its lock is one of the transaction, and already taken. */
class TransactionAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}

  override async releaseMigrationLock(): Promise<void> {}
}

class PostgresDriver implements Driver {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ReadingConnection> {
    return new ReadingConnection(this.#connections);
  }

  async beginTransaction(
    connection: ReadingConnection,
    { isolationLevel, accessMode }: TransactionSettings,
  ): Promise<void> {
    connection.own = await this.#connections.acquire();
    const isolation = isolationLevel === undefined ? '' : ` isolation level ${isolationLevel}`;
    await connection.own.begin(`start transaction${isolation} ${accessMode ?? ''}`);
  }

  async commitTransaction(connection: ReadingConnection): Promise<void> {
    await connection.run('commit', []);
  }

  async rollbackTransaction(connection: ReadingConnection): Promise<void> {
    await connection.run('rollback', []);
  }

  async releaseConnection({ own }: ReadingConnection): Promise<void> {
    own?.release();
  }

  destroy(): Promise<void> {
    return this.#connections.close();
  }
}

class KyselyConnection implements DatabaseConnection {
  readonly run: (text: string, values: readonly unknown[]) => Promise<Answer>;

  constructor(run: KyselyConnection['run']) {
    this.run = run;
  }

  async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
    const answer = await this.run(sql, parameters);
    return { rows: rowsOf(answer) as Row[], numAffectedRows: BigInt(answer.rowCount) };
  }

  streamQuery(): never {
    throw new Error('results are not streamed');
  }
}

class ReadingConnection extends KyselyConnection {
  /** Of a transaction. */
  own: PooledConnection | undefined;

  constructor(connections: Connections) {
    super((text, values) =>
      this.own === undefined ? connections.read(text, values) : this.own.run(text, values),
    );
  }
}

function rowsOf({ columns, rows }: Answer): Record<string, unknown>[] {
  return rows.map((values) => {
    const row: Record<string, unknown> = {};
    for (let index = 0; index < columns.length; index++) row[columns[index]!.name] = values[index];
    return row;
  });
}
