import type { Kysely } from 'kysely';
import { countEvents, partsOf } from '../operator/statistics/count-events.ts';
import { firstHour, INTERVAL_MS } from '../operator/statistics/periods.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import { RspLog } from '../store/rsp-log.ts';
import { RspSessions } from '../store/rsp-sessions.ts';
import type { StatisticsCountRow, Tables } from '../store/schema.ts';
import { Statistics } from '../store/statistics.ts';
import type { Count } from '../store/statistics.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { oneByOne, violation } from './invariant.ts';

const SLICE = 1_000;
/** The first hours of a month of them are just being forgotten. */
const FORGOTTEN_MS = INTERVAL_MS.day;

export const statistics: Invariant = {
  name: 'statistics',
  promise: 'The statistics of an account are what its events say, each counted once.',
  tables: ['esim_profile_events'],
  check: (evidence) => oneByOne(withoutMark(evidence), counted(evidence)),
};

/** Reads the events of an account again, and compares in the view in which it has reached its mark. */
async function* counted(evidence: Evidence): AsyncIterable<Violation> {
  for await (const account of accountsWithMark(evidence)) yield* recount(account, evidence);
}

async function* accountsWithMark({ snapshots }: Evidence): AsyncIterable<string> {
  for (let after = ''; ;) {
    const rows = await snapshots.read((db) =>
      db
        .selectFrom('statistics_marks')
        .select('account_sid')
        .where('account_sid', '>', after)
        .orderBy('account_sid')
        .limit(SLICE)
        .execute(),
    );
    for (const row of rows) yield row.account_sid;
    if (rows.length < SLICE) return;
    after = rows.at(-1)!.account_sid;
  }
}

/** What was found in one view. */
interface Found {
  last: string | undefined;
  events: number;
  /** All counts, if the mark is reached. */
  counts: StatisticsCountRow[] | undefined;
  isAnew: boolean;
}

async function* recount(accountSid: string, evidence: Evidence): AsyncIterable<Violation> {
  const hour = firstHour(new Date(evidence.now.getTime() + FORGOTTEN_MS));
  const expected = new Map<string, Count>();
  for (let after = ''; ;) {
    const found = await evidence.snapshots.read((db) =>
      readSlice(accountSid, after, hour, expected, db, evidence),
    );
    evidence.examined(found.events);
    if (found.isAnew) {
      evidence.unexamined(`the statistics of ${accountSid} are being counted anew`);
      return;
    }
    if (found.counts !== undefined) {
      for (const problem of compare(expected, found.counts, hour)) {
        yield violation({ account_sid: accountSid }, accountSid, problem);
      }
      return;
    }
    after = found.last ?? after;
  }
}

async function readSlice(
  accountSid: string,
  after: string,
  hour: string,
  expected: Map<string, Count>,
  db: Kysely<Tables>,
  { snapshots: { flavor } }: Evidence,
): Promise<Found> {
  const tables = {
    statistics: new Statistics(db, flavor),
    rspSessions: new RspSessions(db, flavor),
    rspLog: new RspLog(db, flavor),
  };
  const mark = (await tables.statistics.mark(accountSid)) ?? '';
  const { events, last, more } = await tables.statistics.eventsUpTo(accountSid, after, mark, SLICE);
  for (const count of await countEvents(accountSid, events, hour, tables, findDeviceModels)) {
    const known = expected.get(keyOf(count));
    if (known === undefined) expected.set(keyOf(count), { ...count });
    else known.count += count.count;
  }
  const counts = more
    ? undefined
    : await db
        .selectFrom('statistics_counts')
        .selectAll()
        .where('account_sid', '=', accountSid)
        .execute();
  return { last, events: events.length, counts, isAnew: mark < after };
}

const keyOf = ({ unit, period, what, detail }: Count) => [unit, period, what, detail].join('\0');

/** The logs that devices are known by may have been deleted since they were counted. */
const mayBeForgotten = ({ what }: Count) => what === 'device' || what === 'euicc';
const isKnown = ({ detail }: Count) => partsOf(detail)[0] !== '';

function* compare(
  expected: ReadonlyMap<string, Count>,
  rows: readonly StatisticsCountRow[],
  hour: string,
): Iterable<string> {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  for (const count of expected.values()) {
    const known = found.get(keyOf(count))?.count ?? 0;
    const isWrong = mayBeForgotten(count)
      ? isKnown(count) && known < count.count
      : known !== count.count;
    if (isWrong) yield `${inWords(count)} is counted ${known} times; its events say ${count.count}`;
  }
  for (const row of rows) {
    if (expected.has(keyOf(row)) || mayBeForgotten(row)) continue;
    if (row.unit === 'hour' && row.period < hour) continue;
    yield `${inWords(row)} is counted ${row.count} times; no event says so`;
  }
}

function inWords({ unit, period, what, detail }: Count): string {
  return `${what} "${detail}" ${unit === 'all' ? 'of all times' : `in the ${unit} ${period}`}`;
}

/** Counts without a mark would be counted again. */
async function* withoutMark({ snapshots }: Evidence): AsyncIterable<Violation> {
  const rows = await snapshots.read((db) =>
    db
      .selectFrom('statistics_counts')
      .select('account_sid')
      .distinct()
      .where('account_sid', 'not in', db.selectFrom('statistics_marks').select('account_sid'))
      .execute(),
  );
  for (const row of rows) {
    yield violation(row, row.account_sid, 'its statistics do not say up to where they are counted');
  }
}
