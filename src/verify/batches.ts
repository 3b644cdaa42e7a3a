import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { identifierOf, openErrors } from '../operator/batch/batch-part.ts';
import { batchParameters } from '../operator/callback.ts';
import type { MasterKey } from '../process/keys.ts';
import type { BatchPartRow, BatchRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { KEPT_MS } from './callbacks.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { oneByOne, violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

export const batches: Invariant = {
  name: 'batches',
  promise:
    'Every item of a batch is counted once; of one that is completed, it names an eSIM Profile or an error; stock is taken only for items that wait; its end is told once.',
  tables: ['batches', 'subscriptions'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'batches', (rows, db) => judgeBatches(rows, db, evidence)),
      walk(evidence, 'esim_profiles', judgeOrders, {
        columns: ['batch_sid'],
        where: sql<boolean>`batch_sid is not null`,
      }),
      walk(evidence, 'subscriptions', judgeStock, {
        columns: ['ordered_by', 'state'],
        where: sql<boolean>`ordered_by like 'BT%'`,
      }),
    ),
};

async function judgeBatches(
  rows: BatchRow[],
  db: Kysely<Tables>,
  { masterKey, now }: Evidence,
): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const told = await findRelated(db, 'callbacks', 'resource_sid', asked, ['sid', 'parameters']);
  const found: Violation[] = [];
  for (const row of rows) {
    const parts = await partsOf(row, db);
    const problems = [
      ...problemsOfStatus(row),
      ...problemsOfCounts(row, parts, masterKey),
      ...(await problemsOfProfiles(row, parts, db)),
      ...problemsOfCallback(row, told.all(row, row.sid), now.getTime() - KEPT_MS),
    ];
    found.push(...problems.map((problem) => violation(row, row.sid, problem)));
  }
  return found;
}

type Part = Omit<BatchPartRow, 'orders'> & { hasOrders: boolean };

/** Without the orders, which are many. */
async function partsOf({ account_sid, sid }: BatchRow, db: Kysely<Tables>): Promise<Part[]> {
  const rows = await db
    .selectFrom('batch_parts')
    .select([
      'account_sid',
      'batch_sid',
      'number',
      'first_item',
      'size',
      'errors',
      'sids',
      'iccids',
    ])
    .select(({ eb }) => eb('orders', 'is not', null).as('hasOrders'))
    .where('account_sid', '=', account_sid)
    .where('batch_sid', '=', sid)
    .orderBy('number')
    .execute();
  return rows.map((row) => ({ ...row, hasOrders: Boolean(row.hasOrders) }));
}

function* problemsOfStatus(row: BatchRow): Iterable<string> {
  const { status, step, date_completed: ended, ordered, refused, item_count: count } = row;
  const isRunning = status === 'running';
  if (isRunning !== (ended === null))
    yield `it is ${status}, and completed at ${ended ?? 'no time'}`;
  if (isRunning === (step === null || step === 'return')) {
    yield `it is ${status}, and its next step is ${step ?? 'none'}`;
  }
  if (status === 'completed' && ordered + refused !== count) {
    yield `it is completed, but of ${count} items ${ordered} are ordered and ${refused} refused`;
  }
  if (status === 'failed' && ordered > 0) yield `it has failed, but ${ordered} items are ordered`;
  if (row.reserved > 0 && step === null) yield `it has ended with stock for ${row.reserved} items`;
}

const listOf = (json: string | null): (string | null)[] =>
  json === null ? [] : (JSON.parse(json) as (string | null)[]);
const sidsOf = (parts: readonly Part[]) =>
  parts.flatMap(({ sids }) => listOf(sids).flatMap((sid) => sid ?? []));

function* problemsOfCounts(
  row: BatchRow,
  parts: readonly Part[],
  masterKey: MasterKey,
): Iterable<string> {
  const items = parts.reduce((sum, { size }) => sum + size, 0);
  if (items !== row.item_count) yield `it has ${row.item_count} items, but its parts have ${items}`;
  let refused = 0;
  let reserved = 0;
  // If not, that is another promise.
  let isReadable = true;
  for (const part of parts) {
    const expected = part.number * row.part_size + 1;
    if (part.first_item !== expected) {
      yield `its part ${part.number} begins with item ${part.first_item}, not ${expected}`;
    }
    const errors = errorsOf(part, masterKey);
    isReadable &&= errors !== undefined;
    const sids = listOf(part.sids);
    const iccids = listOf(part.iccids);
    refused += errors?.size ?? 0;
    reserved += iccids.filter((iccid) => iccid !== null).length;
    const both = [...sids.keys()].filter(
      (index) => sids[index] !== null && (errors?.has(index) || (iccids[index] ?? null) !== null),
    );
    for (const index of both) {
      yield `its item ${part.first_item + index} is ordered, and has an error or stock that waits for it`;
    }
    if (part.hasOrders && row.status !== 'running') {
      yield `it has ended, but the orders of its part ${part.number} are kept`;
    }
  }
  const ordered = sidsOf(parts).length;
  const counts = { ordered, reserved, refused: isReadable ? refused : row.refused };
  for (const [name, count] of Object.entries(counts) as [keyof typeof counts, number][]) {
    if (row[name] !== count)
      yield `it counts ${row[name]} items as ${name}, but its parts ${count}`;
  }
}

function errorsOf(part: Part, masterKey: MasterKey): Map<number, string> | undefined {
  try {
    return openErrors({ ...part, orders: null }, masterKey);
  } catch {
    return undefined;
  }
}

async function problemsOfProfiles(
  row: BatchRow,
  parts: readonly Part[],
  db: Kysely<Tables>,
): Promise<string[]> {
  const sids = sidsOf(parts);
  const asked = sids.map((value) => ({ account_sid: row.account_sid, value }));
  const profiles = await findRelated(db, 'esim_profiles', 'sid', asked, ['batch_sid']);
  const problems = sids
    .filter((sid) => profiles.one(row, sid)?.batch_sid !== row.sid)
    .map((sid) => `it names ${sid}, which is not of this batch`);
  if (new Set(sids).size < sids.length) problems.push('it names an eSIM Profile twice');
  const { count } = await db
    .selectFrom('esim_profiles')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_sid', '=', row.account_sid)
    .where('batch_sid', '=', row.sid)
    .executeTakeFirstOrThrow();
  if (count > sids.length) {
    problems.push(`${count} eSIM Profiles are of this batch, but it names ${sids.length}`);
  }
  return problems;
}

function* problemsOfCallback(
  row: BatchRow,
  told: readonly { parameters: string }[],
  keptSince: number,
): Iterable<string> {
  const isOwed = row.callback_url !== null && row.date_completed !== null;
  const isKept = Date.parse(row.date_completed ?? '') >= keptSince;
  if (told.length > (isOwed ? 1 : 0) || (isOwed && isKept && told.length === 0)) {
    yield `it is ${row.status}, and ${told.length} callbacks tell that it has ended`;
    return;
  }
  const expected = JSON.stringify(batchParameters(row));
  if (told.some(({ parameters }) => parameters !== expected)) {
    yield `its callback tells another end than ${expected}`;
  }
}

type Order = { account_sid: string; sid: string; batch_sid: string | null };

async function judgeOrders(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, (row) => row.batch_sid);
  const known = await findRelated(db, 'batches', 'sid', asked, ['sid']);
  return rows
    .filter((row) => known.one(row, row.batch_sid) === undefined)
    .map((row) =>
      violation(row, row.sid, `it is of the batch ${row.batch_sid}, which does not exist`),
    );
}

type Profile = Pick<SubscriptionRow, 'account_sid' | 'iccid' | 'ordered_by' | 'state'>;

/** What is taken from stock for items that wait. */
async function judgeStock(rows: Profile[], db: Kysely<Tables>): Promise<Violation[]> {
  // Other operators name their orders otherwise.
  const taken = rows.flatMap((row) => {
    const [, sid] = /^(BT[0-9a-f]{32})\.\d+$/.exec(row.ordered_by ?? '') ?? [];
    return sid === undefined ? [] : { row, sid };
  });
  const asked = taken.map(({ row, sid }) => ({ account_sid: row.account_sid, value: sid }));
  const parts = await findRelated(
    db,
    'batch_parts',
    'batch_sid',
    asked,
    ['batch_sid', 'first_item', 'iccids'],
    sql`iccids is not null`,
  );
  const waiting = new Set(
    parts.values().flatMap((part) =>
      listOf(part.iccids).map((iccid, index) => {
        const identifier = identifierOf({ sid: part.batch_sid }, { row: part }, index);
        return `${identifier} ${iccid}`;
      }),
    ),
  );
  return taken.flatMap(({ row }) => {
    const { ordered_by: identifier, iccid, state } = row;
    if (!waiting.has(`${identifier} ${iccid}`)) {
      const problem = `it is taken from stock for ${identifier}, which does not wait for it`;
      return [violation(row, iccid, problem)];
    }
    if (state === 'Allocated') return [];
    return [violation(row, iccid, `it waits for ${identifier}, but is ${state}`)];
  });
}
