import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { HAS_LOG } from '../store/rsp-sessions.ts';
import type { Tables } from '../store/schema.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';

/** Tables whose rows are an account's, and whose keys begin with it. Sessions with a log have such an index. */
const OWNED = [
  'api_keys',
  'batch_parts',
  'batches',
  'brands',
  'bulk_operations',
  'bulk_parts',
  'callback_attempts',
  'callbacks',
  'eim_injections',
  'eim_marks',
  'eim_operations',
  'esim_profile_events',
  'esim_profiles',
  'euicc_events',
  'euicc_groups',
  'euicc_contacts',
  'euicc_ranges',
  'euiccs',
  'idempotency_keys',
  'install_links',
  'operators',
  'profile_packages',
  'profile_templates',
  'progress_attempts',
  'progress_reports',
  'rsp_log',
  'sims',
  'statistics_counts',
  'statistics_marks',
  'stock_thresholds',
  'subscriptions',
] as const satisfies (keyof Tables)[];

export const accounts: Invariant = {
  name: 'accounts',
  promise: 'Everything stored for an account belongs to an account that exists.',
  tables: [],
  async *check(evidence) {
    for (const table of OWNED) yield* checkTable(table, sql`1 = 1`, evidence);
    yield* checkTable('rsp_sessions', HAS_LOG, evidence);
  },
};

async function isKnown(sid: string, db: Kysely<Tables>): Promise<boolean> {
  const rows = await db.selectFrom('accounts').select('sid').where('sid', '=', sid).execute();
  return rows.length > 0;
}

/** Steps from account to account by an index, however many rows each has. */
async function* checkTable(
  table: (typeof OWNED)[number] | 'rsp_sessions',
  where: RawBuilder<unknown>,
  { snapshots }: Evidence,
): AsyncIterable<Violation> {
  for (let after = ''; ;) {
    const found = await snapshots.read(async (db) => {
      const { rows } = await sql<{ account_sid: string }>`
        select account_sid from ${sql.table(table)} where account_sid > ${after} and ${where}
        order by account_sid limit 1`.execute(db);
      const account = rows[0]?.account_sid;
      return account === undefined ? undefined : { account, known: await isKnown(account, db) };
    });
    if (found === undefined) return;
    after = found.account;
    if (found.known) continue;
    yield {
      accountSid: after,
      subject: after,
      problem: `${table} has rows of this account, which does not exist`,
    };
  }
}
