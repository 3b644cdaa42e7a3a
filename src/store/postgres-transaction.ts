// A transaction on PostgreSQL, which begins together with its first statements.
import { StoreUnavailable } from './errors.ts';
import type { Answer, Beginning } from './postgres-batch.ts';
import type { PooledConnection } from './postgres-connections.ts';
import { errorCode } from './postgres-errors.ts';

/** Of a statement after one that failed: "current transaction is aborted". */
const ABORTED = '25P02';

export class PostgresTransaction {
  readonly #connection: PooledConnection;
  readonly #first: string | undefined;
  readonly #beginning: Beginning = {};
  #state: 'empty' | 'begun' | 'ended' = 'empty';
  #isCommitSent = false;
  /** The error of the first statement that failed. */
  #cause: unknown;

  /** @param first a statement that each transaction begins with */
  constructor(connection: PooledConnection, first?: string) {
    this.#connection = connection;
    this.#first = first;
  }

  async run(text: string, values: readonly unknown[]): Promise<Answer> {
    if (this.#state === 'ended') throw new Error('The transaction has ended');
    if (this.#state === 'empty') {
      this.#state = 'begun';
      // In the same batch; if it fails, neither this statement is carried out nor one of a later batch.
      this.#connection.begin('begin', this.#beginning).catch(() => {});
      if (this.#first !== undefined) this.#control(this.#first).catch(() => {});
    }
    try {
      return await this.#connection.run(text, values, undefined, this.#beginning);
    } catch (error) {
      this.#cause ??= error;
      throw errorCode(error) === ABORTED ? this.#cause : error;
    }
  }

  /** Nothing is sent for a transaction without statements. */
  async commit(): Promise<void> {
    if (!this.#end()) return;
    this.#isCommitSent = true;
    const { command } = await this.#control('commit');
    if (command !== 'COMMIT') {
      throw new Error('The transaction was rolled back, because a statement in it had failed');
    }
    if (this.#connection.wasUnreplicated()) {
      throw new StoreUnavailable(
        'PostgreSQL has committed, but stopped waiting for its standby: a failover may undo it',
        { brief: 'PostgreSQL has no standby that answers' },
      );
    }
  }

  /** Whether nothing of it is left, so that it can be run again on another connection. */
  get isUndone(): boolean {
    return this.#connection.isLost && !this.#isCommitSent;
  }

  /** Never throws: a transaction whose connection is lost is rolled back, too. */
  async rollBack(): Promise<void> {
    const mayBeOpen = this.#end() || this.#isCommitSent;
    if (!mayBeOpen || this.#connection.isBroken) return;
    const rollBack = () => this.#control('rollback');
    // One that is sent together with a statement that fails is not carried out; the next one is sent alone.
    await rollBack()
      .catch(rollBack)
      .catch(() => {});
  }

  /** @returns whether it has begun */
  #end(): boolean {
    const hasBegun = this.#state === 'begun';
    this.#state = 'ended';
    return hasBegun;
  }

  #control(text: string): Promise<Answer> {
    return this.#connection.run(text, [], text, this.#beginning);
  }
}
