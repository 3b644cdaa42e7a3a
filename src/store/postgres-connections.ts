// Connections to PostgreSQL: statements that are asked for at the same time are sent together, and each is prepared once.
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import { Batch } from './postgres-batch.ts';
import type { Answer, Prepared } from './postgres-batch.ts';
import { cannotConnect, translate } from './postgres-errors.ts';

/** Maximum number of statements prepared per connection, besides those that have names of their own. */
const STATEMENT_LIMIT = 400;
/** Statements with more values are not prepared, since the same number seldom recurs. */
const FEW_VALUES = 40;

export class Connections {
  readonly #pool: Pool;
  readonly #names = new Map<string, string>();
  readonly #prepared = new WeakMap<PoolClient, Prepared>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Throws `StoreUnavailable`. */
  async acquire(): Promise<PooledConnection> {
    try {
      const client = await this.#pool.connect();
      const prepared: Prepared = this.#prepared.get(client) ?? new Map();
      this.#prepared.set(client, prepared);
      return new PooledConnection(client, prepared, this.#nameOf);
    } catch (error) {
      throw cannotConnect(error);
    }
  }

  /** One statement on any connection. @param name under which it is prepared; by default, one of its text */
  async run(text: string, values: readonly unknown[], name?: string): Promise<Answer> {
    const connection = await this.acquire();
    try {
      return await connection.run(text, values, name);
    } finally {
      connection.release();
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  readonly #nameOf: NameOf = (text, values) => {
    if (values.length === 0 || values.length > FEW_VALUES) return undefined;
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= STATEMENT_LIMIT) return known;
    const name = `s${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  };
}

type NameOf = (text: string, values: readonly unknown[]) => string | undefined;

/** A connection until it is released. */
export class PooledConnection {
  readonly #client: PoolClient;
  readonly #prepared: Prepared;
  readonly #nameOf: NameOf;
  /** Takes more statements until it is sent. */
  #open: Batch | undefined;
  #isBroken = false;

  constructor(client: PoolClient, prepared: Prepared, nameOf: NameOf) {
    this.#client = client;
    this.#prepared = prepared;
    this.#nameOf = nameOf;
  }

  /** Whether nothing can be asked anymore: the connection is lost, or did not answer in time. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Throws what `translate` makes of errors. @param name under which it is prepared; by default, one of its text */
  async run(
    text: string,
    values: readonly unknown[],
    name = this.#nameOf(text, values),
  ): Promise<Answer> {
    this.#open ??= this.#startBatch();
    try {
      return await this.#open.add({ text, values, name });
    } catch (error) {
      if (!(error instanceof DatabaseError)) this.#isBroken = true;
      throw translate(error);
    }
  }

  #startBatch(): Batch {
    const batch = new Batch(this.#prepared);
    afterAllCallers(() => {
      this.#open = undefined;
      this.#client.query(batch);
    });
    return batch;
  }

  release(): void {
    this.#client.release(this.#isBroken);
  }
}

/** After the statements that `soon` defers until the first of these ticks. */
function afterAllCallers(work: () => void): void {
  process.nextTick(() => process.nextTick(work));
}
