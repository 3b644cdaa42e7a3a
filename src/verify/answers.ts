import type { Kysely } from 'kysely';
import type { IdempotencyKeyRow, Tables } from '../store/schema.ts';
import { violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated } from './related.ts';
import { walk } from './slices.ts';

type Key = Pick<
  IdempotencyKeyRow,
  'account_sid' | 'idempotency_key' | 'response_status' | 'response_body'
>;

export const answers: Invariant = {
  name: 'answers',
  promise: 'Whatever the answer stored with an Idempotency-Key says was created exists.',
  tables: ['idempotency_keys'],
  check: (evidence) =>
    walk(evidence, 'idempotency_keys', judge, { columns: ['response_status', 'response_body'] }),
};

/** Where the resources are whose SIDs begin so. */
const TABLES = { HP: 'esim_profiles', SK: 'api_keys' } as const;

async function judge(rows: Key[], db: Kysely<Tables>): Promise<Violation[]> {
  const created = rows
    .filter((row) => row.response_status === 201)
    .map((row) => ({ row, sid: sidOf(row) }));
  const found = created
    .filter(({ sid }) => sid === undefined)
    .map(({ row }) => lost(row, 'what its answer says was created cannot be read'));
  for (const [prefix, table] of Object.entries(TABLES)) {
    const ours = created.filter(({ sid }) => sid?.startsWith(prefix));
    const asked = ours.map(({ row, sid }) => ({ account_sid: row.account_sid, value: sid! }));
    const known = await findRelated(db, table, 'sid', asked, ['sid']);
    for (const { row, sid } of ours) {
      if (known.one(row, sid!) === undefined)
        found.push(lost(row, `its answer created ${sid}, which is not there`));
    }
  }
  return found;
}

const lost = (row: Key, problem: string) =>
  violation(row, `Idempotency-Key ${row.idempotency_key}`, problem);

function sidOf({ response_body: body }: Key): string | undefined {
  try {
    const { sid } = JSON.parse(body) as { sid?: unknown };
    return typeof sid === 'string' ? sid : undefined;
  } catch {
    return undefined;
  }
}
