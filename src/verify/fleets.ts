import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { errorsIn, itemsIn, operationsIn } from '../eim/fleet/bulk.ts';
import type { BulkOperationRow, EimOperationRow, EuiccRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

export const fleets: Invariant = {
  name: 'fleets',
  promise:
    'An eUICC is in a group that exists, or in none; a bulk operation has given each of its eUICCs one operation or none, and every operation that is of a bulk operation is one of its items.',
  tables: ['bulk_operations', 'euiccs', 'eim_operations'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'bulk_operations', judgeBulks),
      walk(evidence, 'euiccs', judgeMembers, {
        columns: ['account_sid', 'sid', 'group_sid'],
        where: sql<boolean>`group_sid is not null`,
      }),
      walk(evidence, 'eim_operations', judgeOperations, {
        columns: ['account_sid', 'bulk_sid'],
        where: sql<boolean>`bulk_sid is not null`,
      }),
    ),
};

async function judgeBulks(rows: BulkOperationRow[], db: Kysely<Tables>): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const row of rows) {
    for (const problem of [...problemsOfStatus(row), ...(await problemsOfItems(row, db))]) {
      violations.push(violation(row, row.sid, problem));
    }
  }
  return violations;
}

const STEPS: Record<BulkOperationRow['status'], readonly BulkOperationRow['step'][]> = {
  running: ['release', 'await'],
  paused: ['hold'],
  halted: ['hold'],
  completed: ['close', null],
  cancelled: ['close', null],
};

function* problemsOfStatus(row: BulkOperationRow): Iterable<string> {
  if (!STEPS[row.status].includes(row.step)) {
    yield `it is ${row.status}, and goes on with ${row.step ?? 'nothing'}`;
  }
  if ((row.step === null) !== (row.date_ended !== null)) {
    yield `it has ended at ${row.date_ended}, and goes on with ${row.step ?? 'nothing'}`;
  }
  if (row.step === 'await' && row.next_item <= row.item_count) {
    yield `it waits for results, but item ${row.next_item} was not given out`;
  }
}

async function problemsOfItems(row: BulkOperationRow, db: Kysely<Tables>): Promise<string[]> {
  const parts = await db
    .selectFrom('bulk_parts')
    .selectAll()
    .where('account_sid', '=', row.account_sid)
    .where('bulk_sid', '=', row.sid)
    .orderBy('number')
    .execute();
  const found = await db
    .selectFrom('eim_operations')
    .select(['eid', 'sid', 'kind'])
    .where('account_sid', '=', row.account_sid)
    .where('bulk_sid', '=', row.sid)
    .execute();
  const first = found.filter(({ kind }) => kind === row.kind);
  const eidOf = new Map(first.map(({ sid, eid }) => [sid, eid]));
  const problems: string[] = [];
  let items = 0;
  let refused = 0;
  const named = new Set<string>();
  for (const part of parts) {
    if (part.first_item !== items + 1) problems.push(`its part ${part.number} is out of order`);
    const errors = errorsIn(part);
    refused += errors.size;
    for (const [index, sid] of operationsIn(part).entries()) {
      const item = part.first_item + index;
      if (sid === null) continue;
      named.add(sid);
      if (item >= row.next_item) problems.push(`item ${item} has ${sid} before its turn`);
      const eid = eidOf.get(sid);
      // It was deleted with its eUICC.
      if (eid === undefined) continue;
      if (eid !== itemsIn(part)[index]?.[0]) problems.push(`${sid} of item ${item} is on ${eid}`);
    }
    items += part.size;
  }
  if (items !== row.item_count) problems.push(`it has ${items} items, not ${row.item_count}`);
  if (refused !== row.refused) problems.push(`${refused} items are refused, not ${row.refused}`);
  const others = first.filter(({ sid }) => !named.has(sid));
  for (const { sid } of others) problems.push(`${sid} is of it, but of none of its items`);
  if (new Set(first.map(({ eid }) => eid)).size !== first.length) {
    problems.push('an eUICC has two operations of it');
  }
  return problems;
}

type Member = Pick<EuiccRow, 'account_sid' | 'sid' | 'group_sid'>;

async function judgeMembers(rows: Member[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, (row) => row.group_sid);
  const known = await findRelated(db, 'euicc_groups', 'sid', asked, ['sid']);
  return rows
    .filter((row) => known.one(row, row.group_sid) === undefined)
    .map((row) =>
      violation(row, row.sid, `it is in the group ${row.group_sid}, which does not exist`),
    );
}

type Operation = Pick<EimOperationRow, 'account_sid' | 'bulk_sid' | 'sid'>;

async function judgeOperations(rows: Operation[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, (row) => row.bulk_sid);
  const known = await findRelated(db, 'bulk_operations', 'sid', asked, ['sid']);
  return rows
    .filter((row) => known.one(row, row.bulk_sid) === undefined)
    .map((row) =>
      violation(row, row.sid, `it is of the bulk operation ${row.bulk_sid}, which does not exist`),
    );
}
