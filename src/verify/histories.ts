import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { mayFollow } from '../operator/esim-profile.ts';
import { HAS_LOG } from '../store/rsp-sessions.ts';
import type { EsimProfileEventRow, EsimProfileRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk, walkValues } from './slices.ts';
import type { OwnedValue } from './slices.ts';

const ORDER_COLUMNS = [
  'status',
  'revision',
  'date_created',
  'date_updated',
] as const satisfies (keyof EsimProfileRow)[];
type Order = Pick<EsimProfileRow, 'account_sid' | 'sid' | (typeof ORDER_COLUMNS)[number]>;

export const EVENT_COLUMNS = [
  'sid',
  'type',
  'status',
  'previous_status',
  'date_created',
] as const satisfies (keyof EsimProfileEventRow)[];
export type Event = Pick<EsimProfileEventRow, (typeof EVENT_COLUMNS)[number]>;

export const histories: Invariant = {
  name: 'histories',
  promise:
    'The history of an order leads from new to its current status, step by step as the life cycle allows, never back, and has every other change of it.',
  tables: ['esim_profiles'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', judge, { columns: ORDER_COLUMNS }),
      walkValues(evidence, 'esim_profile_events', 'esim_profile_sid', judgeOwner('history')),
      walkValues(evidence, 'rsp_log', 'esim_profile_sid', judgeOwner('RSP log')),
      walkValues(
        evidence,
        'rsp_sessions',
        'ordered_by',
        judgeOwner('session'),
        sql`${HAS_LOG} and ordered_by is not null`,
      ),
    ),
};

async function judge(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const events = await findRelated(
    db,
    'esim_profile_events',
    'esim_profile_sid',
    asked,
    EVENT_COLUMNS,
  );
  return rows.flatMap((row) =>
    [...problemsOf(row, inOrder(events.all(row, row.sid)))].map((problem) =>
      violation(row, row.sid, problem),
    ),
  );
}

const judgeOwner = (what: string) => async (rows: OwnedValue[], db: Kysely<Tables>) => {
  // Other operators name their orders otherwise.
  const ours = rows.filter(({ value }) => value.startsWith('HP'));
  const orders = await findRelated(db, 'esim_profiles', 'sid', ours, ['sid']);
  return ours
    .filter((row) => orders.one(row, row.value) === undefined)
    .map((row) => violation(row, row.value, `there is a ${what} of this order, but no such order`));
};

/** As everybody reads them. */
export function inOrder(events: readonly Event[]): Event[] {
  return events.toSorted((one, other) => (one.sid < other.sid ? -1 : 1));
}

/** A transaction dates its event when it begins, and may wait so long for another one to end. */
const OVERTAKEN_MS = 15_000;

function* problemsOf(row: Order, events: Event[]): Iterable<string> {
  const steps = events.filter(({ type }) => type === 'status');
  const reached = new Set(steps.map(({ status }) => status));
  yield* problemsOfSteps(row, steps);
  for (const event of events) {
    if (event.type === 'status') continue;
    if (event.previous_status === event.status && reached.has(event.status)) continue;
    yield `its event ${event.sid} was told while it was ${event.status}, which it never was`;
  }
  const changes = events.filter(({ type }) => type === 'change');
  if (changes.length !== row.revision) {
    yield `it was changed ${row.revision} times, but its history has ${changes.length} changes`;
  }
  const written = events.filter(({ type }) => type !== 'notification');
  const dates = [row.date_created, ...written.map((event) => event.date_created)];
  const last = dates.at(-1)!;
  const newest = dates.toSorted().at(-1)!;
  if (row.date_updated < last || row.date_updated > newest) {
    yield `it was updated at ${row.date_updated}, but its last event is of ${last}`;
  }
}

function* problemsOfSteps(row: Order, steps: Event[]): Iterable<string> {
  let before: Event | undefined;
  for (const step of steps) {
    const expected = before?.status ?? null;
    const known = step.previous_status;
    if (known !== expected) {
      yield `its event ${step.sid} leads from ${known ?? 'nothing'} to ${step.status}, but it was ${expected ?? 'not there'} before`;
    } else if (known === null ? step.status !== 'new' : !mayFollow(known, step.status)) {
      yield `its event ${step.sid} leads from ${known ?? 'nothing'} to ${step.status}, which no order does`;
    }
    if (before !== undefined && isBefore(step.date_created, before.date_created)) {
      yield `its event ${step.sid} of ${step.date_created} follows one of ${before.date_created}`;
    }
    before = step;
  }
  if (before?.status !== row.status) {
    yield `it is ${row.status}, but its history ends with ${before?.status ?? 'nothing'}`;
  }
}

function isBefore(date: string, other: string): boolean {
  return Date.parse(date) < Date.parse(other) - OVERTAKEN_MS;
}
