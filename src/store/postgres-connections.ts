// Connections to PostgreSQL: statements that are asked for at the same time are sent together, and each is prepared once.
import { DatabaseError } from 'pg';
import type { Pool, PoolClient } from 'pg';
import { Batch } from './postgres-batch.ts';
import type { Answer, Beginning, Prepared } from './postgres-batch.ts';
import { cannotConnect, translate } from './postgres-errors.ts';
import { joinLine } from './waiting-line.ts';

/** Maximum number of statements prepared per connection, besides those that have names of their own. */
const STATEMENT_LIMIT = 400;
/** Statements with more values are not prepared, since the same number seldom recurs. */
const FEW_VALUES = 40;

/** Statements outside of transactions that share a connection. */
interface Turn {
  connection: Promise<PooledConnection>;
  /** How many have joined, and how many of them are not answered yet. */
  joined: number;
  pending: number;
}

/** So that a slow one does not hold up many others. */
const TURN_LIMIT = 8;

export class Connections {
  readonly #pool: Pool;
  #turn: Turn | undefined;
  readonly #names = new Map<string, string>();
  readonly #prepared = new WeakMap<PoolClient, Prepared>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Throws `StoreUnavailable`. */
  async acquire(): Promise<PooledConnection> {
    joinLine(this.#pool.waitingCount);
    try {
      const client = await this.#pool.connect();
      const prepared: Prepared = this.#prepared.get(client) ?? new Map();
      this.#prepared.set(client, prepared);
      return new PooledConnection(client, prepared, this.#nameOf);
    } catch (error) {
      throw cannotConnect(error);
    }
  }

  /**
   * One statement that only reads, on any connection. Those that are asked for at the same time share one, and so a journey.
   * @param name under which it is prepared; by default, one of its text
   */
  async read(text: string, values: readonly unknown[], name?: string): Promise<Answer> {
    const turn = (this.#turn ??= this.#startTurn());
    turn.joined++;
    turn.pending++;
    if (turn.joined === TURN_LIMIT) this.#turn = undefined;
    const connection = await turn.connection;
    try {
      return await connection.run(text, values, name);
    } catch (error) {
      // Perhaps it was behind another one that failed.
      if (turn.joined === 1 || connection.isBroken) throw error;
    } finally {
      turn.pending--;
      if (turn.pending === 0) connection.release();
    }
    return this.run(text, values, name);
  }

  /** One statement on a connection of its own. @param name as for `read` */
  async run(text: string, values: readonly unknown[], name?: string): Promise<Answer> {
    const connection = await this.acquire();
    try {
      return await connection.run(text, values, name);
    } finally {
      connection.release();
    }
  }

  /** Callers woken by input that has already arrived can join until then. */
  #startTurn(): Turn {
    const connection = Promise.withResolvers<PooledConnection>();
    const turn = { connection: connection.promise, joined: 0, pending: 0 };
    setImmediate(() => {
      if (this.#turn === turn) this.#turn = undefined;
      connection.resolve(this.acquire());
    });
    return turn;
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
    beginning?: Beginning,
  ): Promise<Answer> {
    this.#open ??= this.#startBatch();
    try {
      return await this.#open.add({ text, values, name, beginning });
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
