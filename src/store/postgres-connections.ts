// Connections to PostgreSQL as Kysely uses them: pipelined, so statements of one transaction that do not wait for one
// another need one round trip together.
import type { PostgresPool } from 'kysely';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { cannotConnect, errorCode, translate } from './postgres-errors.ts';

/** Maximum number of prepared statements per connection. */
export const STATEMENT_LIMIT = 200;
/** Statements with more values are not prepared, since the same number seldom recurs. */
const FEW_VALUES = 40;

/** Of a statement after one that failed: "current transaction is aborted". */
const ABORTED = '25P02';

/** Throws `StoreUnavailable`. */
export async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw cannotConnect(error);
  }
}

/** Adapts the pool for Kysely, preparing each statement once per connection under a name. */
export function pipelined(pool: Pool): PostgresPool {
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
      const client = await connect(pool);
      const run = (text: string, values: unknown[]) => {
        const name = nameOf(text, values);
        return client.query(name === undefined ? { text, values } : { name, text, values });
      };
      return {
        query: transactions(run) as never,
        release: (destroy) => client.release(destroy),
      };
    },
  };
}

type Run = (text: string, values: unknown[]) => Promise<QueryResult>;

/** Of one connection: what begins a transaction is sent together with the first statement after it. */
export function transactions(run: Run): Run {
  /** Until it is known that the transaction has begun. */
  let beginning: Promise<void> | undefined;
  /** Whether statements wait for that. */
  let isHeld = false;
  /** Of statements sent together, the first that failed knows why. */
  let cause: unknown;

  async function begin(text: string): Promise<QueryResult> {
    isHeld = false;
    cause = undefined;
    beginning = run(text, []).then(() => {
      beginning = undefined;
    });
    beginning.catch(() => {});
    return { command: 'BEGIN', rowCount: null, oid: 0, fields: [], rows: [] };
  }

  async function runAfter(begun: Promise<void>, text: string, values: unknown[]) {
    // Sent at once only if it does no harm should the transaction not begin.
    isHeld ||= !text.startsWith('select');
    if (isHeld) await begun;
    const [, result] = await Promise.all([begun, run(text, values)]);
    return result;
  }

  return async (text, values) => {
    if (text === 'begin') return begin(text);
    try {
      return await (beginning === undefined
        ? run(text, values)
        : runAfter(beginning, text, values));
    } catch (error) {
      if (errorCode(error) === ABORTED && cause !== undefined) throw translate(cause);
      cause ??= error;
      throw translate(error);
    }
  };
}
