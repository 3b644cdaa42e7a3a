import type { Kysely } from 'kysely';
import type { CallbackAttemptRow, CallbackRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk, walkValues } from './slices.ts';
import type { OwnedValue } from './slices.ts';

const COLUMNS = [
  'state',
  'attempts',
  'locked_until',
  'date_settled',
] as const satisfies (keyof CallbackRow)[];
type Callback = Pick<CallbackRow, 'account_sid' | 'sid' | (typeof COLUMNS)[number]>;
type Attempt = Pick<CallbackAttemptRow, 'attempt' | 'error'>;

export const deliveries: Invariant = {
  name: 'deliveries',
  promise: 'The state of a callback and its number of attempts match the log of its attempts.',
  tables: ['callbacks'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'callbacks', judge, { columns: COLUMNS }),
      walkValues(evidence, 'callback_attempts', 'callback_sid', judgeOwners),
    ),
};

async function judge(rows: Callback[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const log = await findRelated(db, 'callback_attempts', 'callback_sid', asked, [
    'attempt',
    'error',
  ]);
  return rows.flatMap((row) => {
    const attempts = log.all(row, row.sid).toSorted((one, other) => one.attempt - other.attempt);
    return [...problemsOf(row, attempts)].map((problem) => violation(row, row.sid, problem));
  });
}

function* problemsOf(row: Callback, attempts: Attempt[]): Iterable<string> {
  const { state, attempts: counted, date_settled: settled } = row;
  if (counted !== attempts.length || attempts.some(({ attempt }, index) => attempt !== index + 1)) {
    const numbers = attempts.map(({ attempt }) => attempt).join(', ');
    yield `${counted} attempts are counted; its log has ${numbers || 'none'}`;
  }
  if ((state === 'pending') !== (settled === null)) {
    yield `it is ${state}, but date_settled is ${settled ?? 'not set'}`;
  }
  if (state === 'pending') return;
  if (row.locked_until !== null) yield `it is ${state}, but locked until ${row.locked_until}`;
  const last = attempts.at(-1);
  if (last === undefined) yield `it is ${state} without an attempt`;
  else if ((last.error === null) !== (state === 'delivered')) {
    yield `it is ${state}, but its last attempt ${last.error === null ? 'succeeded' : 'failed'}`;
  }
}

async function judgeOwners(rows: OwnedValue[], db: Kysely<Tables>): Promise<Violation[]> {
  const known = await findRelated(db, 'callbacks', 'sid', rows, ['sid']);
  return rows
    .filter((row) => known.one(row, row.value) === undefined)
    .map((row) =>
      violation(row, row.value, 'there are attempts at this callback, but no such callback'),
    );
}
