// Citus: which tables it spreads over its workers, and by what. See docs/decisions/0055-citus.md.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { StoreMismatch } from './errors.ts';
import type { Note } from './flavor.ts';
import { OF_SERVERS } from './migrator.ts';
import { LOCK_LIMIT_MS, Patience } from './patience.ts';
import type { Tables } from './schema.ts';
import { sessionsLeft } from './sessions-left.ts';

/**
 * Tables that are spread, and the column by which they are. Rows with the same account are on the same worker. What is not
 * named stays on the coordinator: it is small, and seldom written.
 */
export const SPREAD_BY = {
  esim_profiles: 'account_sid',
  esim_profile_events: 'account_sid',
  esim_profile_metadata: 'account_sid',
  batches: 'account_sid',
  batch_parts: 'account_sid',
  sims: 'account_sid',
  subscriptions: 'account_sid',
  profile_templates: 'account_sid',
  profile_packages: 'account_sid',
  callbacks: 'account_sid',
  callback_attempts: 'account_sid',
  progress_reports: 'account_sid',
  progress_attempts: 'account_sid',
  idempotency_keys: 'account_sid',
  install_links: 'account_sid',
  rsp_log: 'account_sid',
  statistics_counts: 'account_sid',
  statistics_marks: 'account_sid',
  stock_thresholds: 'account_sid',
  audit_entries: 'account_sid',
  es2plus_tasks: 'account_sid',
  es2plus_calls: 'account_sid',
  es2plus_reports: 'account_sid',
  eim_marks: 'account_sid',
  euicc_events: 'account_sid',
  euicc_groups: 'account_sid',
  bulk_operations: 'account_sid',
  bulk_parts: 'account_sid',
  // Found before their account is known. All of an eUICC is on one server, so that a poll is committed in one phase.
  euiccs: 'eid',
  eim_operations: 'eid',
  eim_packages: 'eid',
  eim_notifications: 'eid',
  eim_injections: 'eid',
  rsp_sessions: 'transaction_id',
  rsp_notifications: 'eid',
  smds_events: 'event_id',
  whereabouts: 'value',
} as const satisfies Partial<Record<keyof Tables, string>>;

/** A table of the coordinator that Citus knows of. */
const KNOWN = 'brands';

/**
 * Makes a transaction one of two phases, so that what it writes on the coordinator and on one worker is committed together. Citus
 * does so only if it knows of the table on the coordinator; for most it need not, and they are read without its planner.
 */
export async function inTwoPhases(db: Kysely<Tables>): Promise<void> {
  await db.deleteFrom(KNOWN).where('account_sid', '=', '').execute();
}

const RSP_TRANSACTIONS = `select distinct 'RSP transaction', rsp_transaction_id, eid, account_sid, ''
  from eim_packages where rsp_transaction_id is not null`;

/** Of rows that were written without it. */
export const FILL_WHEREABOUTS = `insert into whereabouts (kind, value, holder, account_sid, date_created)
  select 'matching ID', matching_id, '', account_sid, date_updated from subscriptions
    where matching_id <> ''
  union all select distinct 'EID', eid, account_sid, account_sid, '' from subscriptions
    where eid is not null
  union all select 'install link', token_hash, account_sid, account_sid, date_created
    from install_links
  union all ${RSP_TRANSACTIONS}`;

/** A row, if the database has the extension. */
export const ASK_FOR_CITUS = `select 1 from pg_extension where extname = 'citus'`;

export async function hasCitus(db: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql.raw(ASK_FOR_CITUS).execute(db);
  return rows.length > 0;
}

/**
 * Spreads the tables that are not spread yet, with their rows, one process at a time; and brings those together that an older version
 * has spread apart, while its nodes go on. Throws `StoreMismatch`.
 */
export async function spreadTables(db: Kysely<Tables>, note: Note): Promise<void> {
  const patience = new Patience(db, note);
  const alone = (work: (transaction: Kysely<Tables>) => Promise<void>) =>
    patience.transaction(LOCK_LIMIT_MS, async (transaction) => {
      await sql`set local lock_timeout = 0`.execute(transaction);
      await sql`select pg_advisory_xact_lock(hashtextextended('simwright spreads its tables', 0))`.execute(
        transaction,
      );
      await sql`set local lock_timeout = ${sql.lit(LOCK_LIMIT_MS)}`.execute(transaction);
      await work(transaction);
    });
  for (const table of await apart(db)) {
    note(`moving the rows of ${table} to the workers of their eUICCs; devices wait meanwhile`);
    await alone((transaction) => bringTogether(transaction, table));
  }
  if ((await missing(db)).length > 0) await alone(spreadMissing);
}

/** Either all of it is done or nothing. */
async function spreadMissing(db: Kysely<Tables>): Promise<void> {
  const tables = await missing(db);
  if (tables.length === 0) return;
  await checkWorkers(db);
  if (tables.includes('subscriptions')) await prepare(db);
  if (tables.includes('esim_profiles')) {
    await sql`select citus_add_local_table_to_metadata(${KNOWN})`.execute(db);
  }
  // Citus spreads no table with a trigger.
  for (const trigger of tables.includes('audit_entries') ? ['stay', 'remain', 'whole'] : []) {
    await sql.raw(`drop trigger audit_entries_${trigger} on audit_entries`).execute(db);
  }
  for (const table of tables) {
    const group = groupOf(table);
    await sql`select create_distributed_table(${table}, ${SPREAD_BY[table]}, colocate_with => ${group})`.execute(
      db,
    );
  }
}

/** The table with which its rows are together; `none`: it is the first of a group. */
function groupOf(table: string): string {
  const by: string | undefined = SPREAD_BY[table as keyof typeof SPREAD_BY];
  const first = { account_sid: 'esim_profiles', eid: 'euiccs' }[by ?? ''];
  return first === undefined || first === table ? 'none' : first;
}

/**
 * What versions of before decision 76 have spread by EID is on the server of its eUICC from now on; and downloads of the eIM that they
 * have begun, for which they asked every server, are found.
 */
async function bringTogether(db: Kysely<Tables>, table: keyof typeof SPREAD_BY): Promise<void> {
  if (!(await apart(db)).includes(table)) return;
  await sql`select alter_distributed_table(${table}, colocate_with => ${groupOf(table)})`.execute(
    db,
  );
  if (table !== 'eim_packages') return;
  await sql
    .raw(
      `insert into whereabouts (kind, value, holder, account_sid, date_created)
        ${RSP_TRANSACTIONS} on conflict do nothing`,
    )
    .execute(db);
}

/** Tables that are spread, but not together with the first of their group. */
async function apart(db: Kysely<Tables>): Promise<(keyof typeof SPREAD_BY)[]> {
  const spread = await placesOfTables(db);
  return [...spread.keys()].filter((table) => {
    const first = spread.get(groupOf(table));
    return first !== undefined && first !== spread.get(table);
  }) as (keyof typeof SPREAD_BY)[];
}

async function missing(db: Kysely<Tables>): Promise<(keyof typeof SPREAD_BY)[]> {
  const spread = await placesOfTables(db);
  const all = Object.keys(SPREAD_BY) as (keyof typeof SPREAD_BY)[];
  return all.filter((table) => !spread.has(table));
}

/** Of each table that is spread, which others its rows are with. */
async function placesOfTables(db: Kysely<Tables>): Promise<Map<string, number>> {
  const { rows } = await sql<{ name: string; place: number }>`
    select c.relname as name, p.colocationid as place
    from pg_dist_partition as p join pg_class as c on c.oid = p.logicalrelid
    where c.relnamespace = current_schema()::regnamespace and p.partmethod = 'h'`.execute(db);
  return new Map(rows.map(({ name, place }) => [name, place]));
}

async function checkWorkers(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ isWorker: boolean; isCoordinator: boolean }>`
    select shouldhaveshards as "isWorker", groupid = 0 as "isCoordinator" from pg_dist_node`.execute(
    db,
  );
  const missed = [
    ...(rows.some(({ isCoordinator }) => isCoordinator)
      ? []
      : [`the coordinator's own address (select citus_set_coordinator_host('HOST'))`]),
    ...(rows.some(({ isWorker }) => isWorker)
      ? []
      : [`a worker (select citus_add_node('HOST', 5432))`]),
  ];
  if (missed.length === 0) return;
  throw new StoreMismatch(
    `The database has the extension citus, which does not know ${missed.join(' and ')}; add what is missing, ` +
      'or drop the extension to use a plain PostgreSQL (docs/citus.md)',
  );
}

/** Of a database that was in use before. */
async function prepare(db: Kysely<Tables>): Promise<void> {
  // Others that start ask first, and wait then for the lock.
  const others = await sessionsLeft(() => connectedServers(db));
  if (others.length > 0) {
    throw new StoreMismatch(
      'The tables are to be spread over the workers of Citus, and other servers use them; stop all of them, ' +
        'start one, and then the others (docs/citus.md)',
    );
  }
  const { rows: repeated } = await sql<{ matching_id: string }>`
    select matching_id from subscriptions where matching_id <> ''
    group by matching_id having count(*) > 1 limit 1`.execute(db);
  if (repeated.length > 0) {
    throw new StoreMismatch(
      `Two orders have the matching ID ${repeated[0]!.matching_id}, which Citus cannot keep; ` +
        'cancel one of them (docs/citus.md)',
    );
  }
  // A claim that a worker has prepared, and not committed yet, is seen by an index alone.
  await sql`create unique index subscriptions_matching_id_once on subscriptions (account_sid, matching_id)
    where matching_id <> ''`.execute(db);
  await sql.raw(FILL_WHEREABOUTS).execute(db);
  // ICCIDs are looked for over all accounts only where the SM-DP+ is rented, because it gives them.
  await sql`insert into whereabouts (kind, value, holder, account_sid, date_created)
    select distinct on (iccid) 'ICCID', iccid, '', account_sid, date_updated from esim_profiles
    where iccid is not null and exists (select 1 from settings where name = 'rented_smdp')
    order by iccid, (status = 'failed' or replaced_by_sid is not null), date_updated desc`.execute(
    db,
  );
}

/** Those beside this one, of a database that was in use before. */
async function connectedServers(db: Kysely<Tables>): Promise<unknown[]> {
  // In a transaction, what PostgreSQL says of its sessions otherwise stays as it was.
  await sql`select pg_stat_clear_snapshot()`.execute(db);
  const { rows } = await sql`
    select 1 from pg_stat_activity
    where datname = current_database() and application_name ~ ${OF_SERVERS} and pid <> pg_backend_pid()
      and wait_event is distinct from 'advisory' and exists (select 1 from subscriptions)`.execute(
    db,
  );
  return rows;
}
