// Connections to PostgreSQL: statements that are asked for at the same time are sent together, and each is prepared once.
import { DatabaseError } from 'pg';
import type { PoolClient } from 'pg';
import { Batch } from './postgres-batch.ts';
import type { Answer, Beginning, Prepared } from './postgres-batch.ts';
import { endsConnection, errorCode, isStalePlan, isTooSlow, translate } from './postgres-errors.ts';
import type { PostgresPool } from './postgres-pool.ts';
import type { Session } from './postgres-session.ts';
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

/** What PostgreSQL only carries out by itself. */
const ALONE = /^(create|drop|reindex)\b.* concurrently\b/;

/** Of a prepared statement whose table has got another column: "cached plan must not change result type". */
const OUTDATED = '0A000';

/** So that a slow one does not hold up many others. */
const TURN_LIMIT = 8;

export class Connections {
  readonly #pool: PostgresPool;
  #turn: Turn | undefined;
  #closing: Promise<void> | undefined;
  readonly #names = new Map<string, string>();
  /** How often everything had to be prepared again, and how many of these times a connection knows of. */
  #generation = 0;
  readonly #generations = new WeakMap<PoolClient, number>();

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** Throws `StoreUnavailable`. */
  async acquire(): Promise<PooledConnection> {
    joinLine(this.#pool.waitingCount);
    const client = await this.#pool.acquire();
    const session = this.#pool.sessionOf(client);
    this.#renew(client, session.prepared);
    return new PooledConnection(client, session, this.#nameOf);
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
      if (isStalePlan(error)) this.prepareAgain();
      // Perhaps it was behind another one that failed; and what only reads can be asked for again on another connection.
      else if (!connection.isLost && (turn.joined === 1 || connection.isBroken)) throw error;
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

  /** Another node has changed a table: what is prepared is prepared again, on each connection before it is used again. */
  prepareAgain(): void {
    this.#generation++;
  }

  #renew(client: PoolClient, prepared: Prepared): void {
    if ((this.#generations.get(client) ?? 0) < this.#generation) {
      for (const name of prepared.keys()) prepared.set(name, undefined);
    }
    this.#generations.set(client, this.#generation);
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
    return (this.#closing ??= this.#pool.end());
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
  readonly #session: Session;
  readonly #nameOf: NameOf;
  /** Takes more statements until it is sent. */
  #open: Batch | undefined;
  /** Is not answered yet. The driver takes one at a time, so the next one is open for so long, and all of it is answered together. */
  #sent: Batch | undefined;
  /** Whether the open one is only waiting for that answer. */
  #isDue = false;
  #isInTransaction = false;
  #isBroken = false;
  #isLost = false;

  constructor(client: PoolClient, session: Session, nameOf: NameOf) {
    this.#client = client;
    this.#session = session;
    this.#nameOf = nameOf;
  }

  /** Whether nothing can be asked anymore: the connection is lost, or did not answer in time. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether it ended otherwise than by taking too long: what it did not commit is undone. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** @returns whether PostgreSQL has committed without waiting for a standby any longer, since the last time */
  wasUnreplicated(): boolean {
    const was = this.#session.isUnreplicated;
    this.#session.isUnreplicated = false;
    return was;
  }

  /** Begins a transaction, until it is released. @param text such as `begin` */
  async begin(text: string, beginning?: Beginning): Promise<void> {
    this.#isInTransaction = true;
    const begun = this.run(text, [], text, beginning);
    // One that fails is told by the next statement, too.
    const limited = this.#session.limits === undefined ? begun : this.#limit(beginning);
    await Promise.all([begun, limited]);
  }

  /** Throws what `translate` makes of errors. @param name under which it is prepared; by default, one of its text */
  async run(
    text: string,
    values: readonly unknown[],
    name = this.#nameOf(text, values),
    beginning?: Beginning,
  ): Promise<Answer> {
    const session = this.#session;
    if (this.#open === undefined) {
      this.#open = this.#startBatch();
      const isLimited = session.limits !== undefined && !this.#isInTransaction;
      if (isLimited && !ALONE.test(text)) this.#limit().catch(() => {});
    }
    try {
      const known = session.keepsNames ? name : undefined;
      return await this.#open.add({ text, values, name: known, beginning });
    } catch (error) {
      if (!(error instanceof DatabaseError) || endsConnection(error)) {
        this.#isBroken = true;
        this.#isLost ||= !isTooSlow(error);
      }
      // A pooler finds it by its text, and so finds the same one again.
      if (session.limits !== undefined && errorCode(error) === OUTDATED) session.keepsNames = false;
      throw translate(error);
    }
  }

  /** All that is sent together, or the transaction, is limited, since the session is not. */
  #limit(beginning?: Beginning): Promise<Answer> {
    return this.run(this.#session.limits!, [], 'limits', beginning);
  }

  #startBatch(): Batch {
    afterAllCallers(() => {
      this.#isDue = true;
      if (this.#sent === undefined) this.#send();
    });
    return new Batch(this.#session.prepared, () => {
      this.#sent = undefined;
      if (this.#isDue) this.#send();
    });
  }

  #send(): void {
    this.#sent = this.#open!;
    this.#open = undefined;
    this.#isDue = false;
    this.#sent.sendOn(this.#client, this.#session.answerLimitMs);
  }

  /** What is still in a transaction is closed, which rolls it back. */
  release(): void {
    this.#client.release(this.#isBroken || this.#client.getTransactionStatus() !== 'I');
  }
}

/** After the statements that `soon` defers until the first of these ticks. */
function afterAllCallers(work: () => void): void {
  process.nextTick(() => process.nextTick(work));
}
