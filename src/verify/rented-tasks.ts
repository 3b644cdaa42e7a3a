import type { Kysely } from 'kysely';
import { openTask } from '../operator/rented/task.ts';
import { TaskState } from '../operator/rented/task-state.ts';
import type { MasterKey } from '../process/keys.ts';
import type { Es2PlusCallRow, Es2PlusTaskRow, Tables } from '../store/schema.ts';
import { isSid } from '../values/sid.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

export const rentedTasks: Invariant = {
  name: 'rented-tasks',
  promise:
    'What is under way at a rented SM-DP+ is for an order that waits for it, and can be taken up; each call belongs to something under way.',
  tables: ['es2plus_tasks', 'es2plus_calls'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'es2plus_tasks', (rows, db) => judgeTasks(rows, db, evidence)),
      walk(evidence, 'es2plus_calls', (rows, db) => judgeCalls(rows, db, evidence)),
    ),
};

async function judgeTasks(
  rows: Es2PlusTaskRow[],
  db: Kysely<Tables>,
  { masterKey }: Evidence,
): Promise<Violation[]> {
  const ofOrders = rows.filter(({ subject }) => isSid('esimProfile', subject));
  const asked = valuesOf(ofOrders, ({ subject }) => subject);
  const orders = await findRelated(db, 'esim_profiles', 'sid', asked, ['status']);
  return rows.flatMap((row) => {
    const found: Violation[] = [];
    const order = orders.one(row, row.subject);
    const waits = order?.status === 'new' || order?.status === 'reserving';
    if (ofOrders.includes(row) && order === undefined) {
      found.push(violation(row, row.subject, `its task, ${row.kind}, is for no order`));
    } else if (row.kind === 'reserve' && !waits) {
      found.push(violation(row, row.subject, `it is being reserved, but is ${order?.status}`));
    } else if (row.kind === 'undo' && waits) {
      found.push(violation(row, row.subject, `it waits, but what it has ordered is being undone`));
    }
    return [...found, ...sealProblems(row, () => openTask(row, masterKey))];
  });
}

async function judgeCalls(
  rows: Es2PlusCallRow[],
  db: Kysely<Tables>,
  { masterKey }: Evidence,
): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ subject }) => subject);
  const tasks = await findRelated(db, 'es2plus_tasks', 'subject', asked, ['kind']);
  return rows.flatMap((row) => [
    ...(tasks.one(row, row.subject) === undefined
      ? [violation(row, row.subject, `its call of ${row.function} belongs to nothing under way`)]
      : []),
    ...sealProblems(row, () => takeCall(row, masterKey)),
  ]);
}

function takeCall(row: Es2PlusCallRow, masterKey: MasterKey): void {
  const on = { subject: row.subject, task: { kind: 'undo' } } as const;
  new TaskState(row.account_sid, on, undefined).take(row, masterKey);
}

function sealProblems(row: { account_sid: string; subject: string }, open: () => unknown) {
  try {
    open();
    return [];
  } catch (error) {
    return [violation(row, row.subject, (error as Error).message)];
  }
}
