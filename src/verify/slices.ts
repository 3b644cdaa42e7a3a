// Walks a table in slices, each in a short view of its own. So memory stays bounded, and neither SQLite's log nor
// PostgreSQL's dead rows pile up behind a long reader. That is sound as long as a rule compares rows within one view:
// what is written between two views is consistent before and after.
import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Tables } from '../store/schema.ts';
import type { Evidence, Violation } from './invariant.ts';

const SLICE = 1_000;

/** Of each table, the columns of its primary key. */
const KEYS = {
  accounts: ['sid'],
  batch_parts: ['account_sid', 'batch_sid', 'number'],
  batches: ['account_sid', 'sid'],
  callback_attempts: ['account_sid', 'callback_sid', 'attempt'],
  callbacks: ['account_sid', 'sid'],
  console_sessions: ['id_hash'],
  console_tickets: ['ticket_hash'],
  eim_keys: ['role', 'number'],
  eim_operations: ['eid', 'sid'],
  eim_packages: ['eid', 'number'],
  es2plus_calls: ['account_sid', 'subject', 'function', 'occurrence'],
  es2plus_tasks: ['account_sid', 'subject'],
  esim_profile_metadata: ['account_sid', 'name', 'value', 'sid'],
  esim_profiles: ['account_sid', 'sid'],
  euiccs: ['eid'],
  idempotency_keys: ['account_sid', 'idempotency_key'],
  install_links: ['account_sid', 'esim_profile_sid', 'sid'],
  operator_cas: ['fingerprint'],
  operator_certificates: ['fingerprint'],
  pki_certificates: ['fingerprint'],
  profile_packages: ['account_sid', 'iccid'],
  profile_templates: ['account_sid', 'profile_type'],
  progress_attempts: ['account_sid', 'progress_report_sid', 'attempt'],
  progress_reports: ['account_sid', 'sid'],
  rsp_notifications: ['eid', 'digest'],
  rsp_sessions: ['transaction_id'],
  sims: ['account_sid', 'sid'],
  smds_events: ['event_id', 'eid', 'address'],
  stock_thresholds: ['account_sid', 'profile_type'],
  subscriptions: ['account_sid', 'iccid'],
} as const satisfies Partial<{ [Table in keyof Tables]: (keyof Tables[Table])[] }>;

export type WalkedTable = keyof typeof KEYS;

/** The columns asked for, and those of the primary key. */
type Walked<Table extends WalkedTable, Column> = Pick<
  Tables[Table],
  Extract<Column | (typeof KEYS)[Table][number], keyof Tables[Table]>
>;

export type Judge<Row> = (
  rows: Row[],
  db: Kysely<Tables>,
) => Iterable<Violation> | Promise<Iterable<Violation>>;

interface Walk<Table extends WalkedTable, Column extends keyof Tables[Table]> {
  /** Without it, all. */
  columns?: readonly Column[];
  /** Which rows; without it, all. */
  where?: RawBuilder<boolean>;
}

/** Judges the rows of a table in the order of its primary key. */
export async function* walk<
  Table extends WalkedTable,
  Column extends keyof Tables[Table] = keyof Tables[Table],
>(
  evidence: Evidence,
  table: Table,
  judge: Judge<Walked<Table, Column>>,
  { columns, where = sql<boolean>`1 = 1` }: Walk<Table, Column> = {},
): AsyncIterable<Violation> {
  type Row = Walked<Table, Column>;
  const key: readonly string[] = KEYS[table];
  const keyColumns = refs(key);
  const wanted =
    columns === undefined
      ? sql`*`
      : refs([...new Set([...key, ...(columns as readonly string[])])]);
  let last: Record<string, unknown> | undefined;
  for (;;) {
    const after =
      last === undefined
        ? sql`1 = 1`
        : sql`(${keyColumns}) > (${sql.join(key.map((column) => last![column]))})`;
    const { rows, found } = await evidence.snapshots.read(async (db) => {
      const result = await sql<Row & Record<string, unknown>>`
        select ${wanted} from ${sql.table(table)} where ${after} and ${where}
        order by ${keyColumns} limit ${SLICE}`.execute(db);
      return { rows: result.rows, found: [...(await judge(result.rows, db))] };
    });
    evidence.examined(rows.length);
    yield* found;
    if (rows.length < SLICE) return;
    last = rows.at(-1);
  }
}

/** A value of a column, with the account that it belongs to. */
export interface OwnedValue {
  account_sid: string;
  value: string;
}

/**
 * Judges the different values of a column of a tenant's table, which begins an index behind the account.
 * @param where which rows; without it, all
 */
export async function* walkValues<Table extends keyof Tables>(
  evidence: Evidence,
  table: Table,
  column: keyof Tables[Table] & string,
  judge: Judge<OwnedValue>,
  where = sql`1 = 1`,
): AsyncIterable<Violation> {
  const key = refs(['account_sid', column]);
  let last: OwnedValue | undefined;
  for (;;) {
    const after =
      last === undefined ? sql`1 = 1` : sql`(${key}) > (${last.account_sid}, ${last.value})`;
    const { rows, found } = await evidence.snapshots.read(async (db) => {
      const result = await sql<OwnedValue>`
        select distinct account_sid, ${sql.ref(column)} as value from ${sql.table(table)}
        where ${after} and ${where} order by ${key} limit ${SLICE}`.execute(db);
      return { rows: result.rows, found: [...(await judge(result.rows, db))] };
    });
    yield* found;
    if (rows.length < SLICE) return;
    last = rows.at(-1);
  }
}

const refs = (columns: readonly string[]) => sql.join(columns.map((column) => sql.ref(column)));
