import type { Kysely } from 'kysely';
import type { OutboxTable } from '../store/due.ts';
import { CALLBACKS, PROGRESS_REPORTS } from '../store/outbox.ts';
import type { AttemptRow, OutboxRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk, walkValues } from './slices.ts';
import type { OwnedValue } from './slices.ts';

const COLUMNS = [
  'state',
  'attempts',
  'locked_until',
  'date_settled',
] as const satisfies (keyof OutboxRow)[];
type Sent = Pick<OutboxRow, 'account_sid' | 'sid' | (typeof COLUMNS)[number]>;
type Attempt = Pick<AttemptRow, 'attempt' | 'error'>;

export const deliveries: Invariant = {
  name: 'deliveries',
  promise:
    'The state of a callback, or of a report to an operator, and its number of attempts match the log of its attempts.',
  tables: ['callbacks', 'progress_reports'],
  check: (evidence) => oneByOne(check(CALLBACKS, evidence), check(PROGRESS_REPORTS, evidence)),
};

/** All outboxes have these columns; they are named as one of them for the sake of types. */
function check(outbox: OutboxTable, evidence: Evidence): AsyncIterable<Violation> {
  const table = outbox.table as 'callbacks';
  const log = outbox.attempts as 'callback_attempts';
  const of = outbox.attemptOf as 'callback_sid';

  async function judge(rows: Sent[], db: Kysely<Tables>): Promise<Violation[]> {
    const asked = valuesOf(rows, ({ sid }) => sid);
    const logged = await findRelated(db, log, of, asked, ['attempt', 'error']);
    return rows.flatMap((row) => {
      const attempts = logged
        .all(row, row.sid)
        .toSorted((one, other) => one.attempt - other.attempt);
      return [...problemsOf(row, attempts)].map((problem) => violation(row, row.sid, problem));
    });
  }

  async function judgeOwners(rows: OwnedValue[], db: Kysely<Tables>): Promise<Violation[]> {
    const known = await findRelated(db, table, 'sid', rows, ['sid']);
    return rows
      .filter((row) => known.one(row, row.value) === undefined)
      .map((row) => violation(row, row.value, 'there are attempts at it, but it does not exist'));
  }

  return oneByOne(
    walk(evidence, table, judge, { columns: COLUMNS }),
    walkValues(evidence, log, of, judgeOwners),
  );
}

function* problemsOf(row: Sent, attempts: Attempt[]): Iterable<string> {
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
  // Kept: there was nobody to send it to, from the beginning or by then.
  if (last === undefined) {
    if (state !== 'kept') yield `it is ${state} without an attempt`;
  } else if ((last.error === null) !== (state === 'delivered')) {
    yield `it is ${state}, but its last attempt ${last.error === null ? 'succeeded' : 'failed'}`;
  }
}
