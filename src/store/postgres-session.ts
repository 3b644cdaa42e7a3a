// What a new connection to PostgreSQL leads to, and the limits of its statements.
import { DatabaseError } from 'pg';
import type { Client, QueryConfig } from 'pg';
import { Batch } from './postgres-batch.ts';
import type { Prepared } from './postgres-batch.ts';

/**
 * Limits of what is asked for through a pool. `long`: statements may take as long as they need; `endless`: and also wait as long as
 * it takes.
 */
export type Patience = 'short' | 'long' | 'endless';

/** What the server knows of a connection. */
export interface Session {
  prepared: Prepared;
  /** Whether a statement can be prepared under a name and used in a later transaction. */
  keepsNames: boolean;
  /** Sent at the start of each transaction, where the session is not ours and so cannot have limits. */
  limits: string | undefined;
  /** How long an answer may take. */
  answerLimitMs: number | undefined;
  /** Whether it was committed without its standby, although it should have waited for it. */
  isUnreplicated: boolean;
}

export interface Greeting {
  session: Session;
  isReadOnly: boolean;
  /** Counts the failovers before; 0 if it is not known. */
  timeline: number;
}

/** A node that freezes in a transaction must not lock its rows forever. */
const IDLE_LIMIT = '15s';
const LOCK_LIMIT = '10s';
const STATEMENT_LIMIT_MS = 30_000;
/** Longer than the server's own limit, so that this one means that the connection is dead. */
const ANSWER_LIMIT_MS = STATEMENT_LIMIT_MS + 5_000;

const LIMITS: Record<Patience, Record<string, string>> = {
  short: {
    lock_timeout: LOCK_LIMIT,
    idle_in_transaction_session_timeout: IDLE_LIMIT,
    statement_timeout: `${STATEMENT_LIMIT_MS}ms`,
  },
  long: { lock_timeout: LOCK_LIMIT, idle_in_transaction_session_timeout: IDLE_LIMIT },
  endless: {},
};
const NAMES = Object.keys(LIMITS.short);

/** A limit that the role or the database has is kept. */
const setOne = (name: string, value: string, isLocal: boolean) =>
  `set_config('${name}', case current_setting('${name}') when '0' then '${value}'
    else current_setting('${name}') end, ${isLocal})`;

/** Lifts what would end a statement or a transaction that takes long. The second limit is there since version 17. */
const lift = (isLocal: boolean) =>
  `(select count(set_config(name, '0', ${isLocal})) from pg_settings
    where name in ('statement_timeout', 'transaction_timeout') and setting <> '0')`;

function setting(patience: Patience, isLocal: boolean): string {
  const set = Object.entries(LIMITS[patience]).map(([name, value]) => setOne(name, value, isLocal));
  return [...set, ...(patience === 'short' ? [] : [lift(isLocal)])].join(', ');
}

const TIMELINE = `case when pg_is_in_recovery() then 0
  else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int end`;
/** How a pooler's own name for a statement is found out: it is not ours. */
const NAME = 'simwright_name';
const STATEMENT_OF_NAME =
  'select name from pg_prepared_statements where statement = current_query()';

/**
 * A condition in SQL: whether the session is that of the connection. A pooler gives each transaction another one, whose process is
 * not the one that the pooler named.
 */
export function hasOwnSession(client: Client): string {
  const { processID } = client as Client & { processID: number | null };
  return `pg_backend_pid() = ${processID ?? 0}`;
}

/** Asks on a new connection, and sets its limits; where the session is not its own, nothing can be set beyond a transaction. */
export async function greet(
  client: Client,
  patience: Patience,
  { asksTimeline = false } = {},
): Promise<Greeting> {
  const isOwn = hasOwnSession(client);
  const answerLimitMs = patience === 'short' ? ANSWER_LIMIT_MS : undefined;
  const question: QueryConfig & { query_timeout: number | undefined } = {
    text: `select ${isOwn} as own,
      ${NAMES.map((name) => `current_setting('${name}') <> '0'`).join(' and ')} as limited,
      current_setting('transaction_read_only') = 'on' as read_only,
      ${asksTimeline ? TIMELINE : 0} as timeline,
      case when ${isOwn} then concat(${setting(patience, false)}) end`,
    query_timeout: answerLimitMs,
  };
  const { rows } = await client.query<{
    own: boolean;
    limited: boolean;
    read_only: boolean;
    timeline: number;
  }>(question);
  const { own, limited, read_only: isReadOnly, timeline } = rows[0]!;
  const hasLimits = own || (limited && patience === 'short');
  const session: Session = {
    prepared: new Map(),
    keepsNames: own || (await renames(client, answerLimitMs)),
    limits: hasLimits ? undefined : `select ${setting(patience, true)}`,
    answerLimitMs,
    isUnreplicated: false,
  };
  client.on('notice', ({ routine }) => {
    // "canceling wait for synchronous replication": a warning only, and then COMMIT.
    if (routine === 'SyncRepWaitForLSN') session.isUnreplicated = true;
  });
  return { session, isReadOnly, timeline };
}

/** Whether a pooler gives statements names of its own, by which it finds them in all of its sessions. */
async function renames(client: Client, answerLimitMs: number | undefined): Promise<boolean> {
  const batch = new Batch(new Map());
  const answer = batch.add({ text: STATEMENT_OF_NAME, values: [], name: NAME, isClosed: true });
  batch.sendOn(client, answerLimitMs);
  try {
    const { rows } = await answer;
    return rows.length === 1 && rows[0]![0] !== NAME;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return false;
  }
}
