// What has become of the orders of an account, from counts, and from the events that are not counted yet.
import type { EsimProfileStatus } from '../../store/schema.ts';
import type { Count, Periods } from '../../store/statistics.ts';
import { allEnded } from '../../store/together.ts';
import { apiDate } from '../../values/date.ts';
import { ESIM_PROFILE_STATUSES } from '../esim-profile.ts';
import { ENDED_BY_US, partsOf } from './count-events.ts';
import type { FindModels } from './count-events.ts';
import { BOUNDS, boundWithin, MORE } from './durations.ts';
import { errorText } from './error-texts.ts';
import type { Interval } from './periods.ts';
import { lastPeriods, startOf } from './periods.ts';
import type { StatisticsStore } from './uncounted.ts';
import { upToNow } from './uncounted.ts';

/** Groups of details that are looked at, the highest first. */
const GROUPS = 1_000;
/** Shown of each list; the rest is one number. */
const SHOWN = 10;
const SHOWN_OF_DEVICE = 3;

export interface Asked {
  interval: Interval;
  /** How many, up to now. */
  intervals: number;
}

type ByStatus = Record<EsimProfileStatus, number>;
export type FailureStage = 'reservation' | 'download' | 'ended';

export interface Reason {
  error_code: string;
  /** In words, where the code is known. */
  error: string | null;
  count: number;
}

/** How downloads ended, by what a device, or an EID, says of its maker. */
interface Outcomes {
  installed: number;
  failed: number;
  /** The most frequent. */
  reasons: Reason[];
}

export interface Statistics {
  interval: Interval;
  time_zone: 'UTC';
  date_start: string;
  date_end: string;
  /** All is counted up to here; null: up to now. */
  date_counted: string | null;
  /** How many there are in each status. */
  esim_profiles: ByStatus;
  intervals: { date_start: string; entered: ByStatus; esim_profiles: ByStatus }[];
  /** Of the orders that became available. */
  installations: {
    available: number;
    installed: number;
    failed: number;
    seconds: { median: number | null; p90: number | null; p99: number | null };
    durations: { up_to_seconds: number | null; count: number }[];
  };
  failures: {
    /** Before there was a profile, by the SM-DP+ or for want of stock. */
    reservation: number;
    /** Since it was available. */
    download: number;
    /** Not failures of anything: cancelled by the owner, or expired. */
    ended: number;
    reasons: (Reason & { stage: FailureStage })[];
    /** Those with other reasons. */
    others: number;
  };
  devices: (Outcomes & { tac: string | null })[];
  euicc_makers: (Outcomes & { eid_prefix: string | null })[];
}

type Sums = { detail: string; count: number }[];

/** What is counted up to one moment. */
interface Read {
  steps: Pick<Count, 'period' | 'detail' | 'count'>[];
  allSteps: Sums;
  ends: Sums;
  failures: Sums;
  devices: Sums;
  euiccs: Sums;
  /** Up to where, if not all. */
  dateCounted: string | null;
}

/** @param intervals at most `MOST` of its kind */
export async function statisticsOf(
  accountSid: string,
  { interval, intervals }: Asked,
  store: StatisticsStore,
  findModels: FindModels,
): Promise<Statistics> {
  const now = store.now();
  const periods = lastPeriods(interval, intervals, now);
  const range = { unit: interval, first: periods[0]!, last: periods.at(-1)! };
  const read = await readCounts(accountSid, range, store, findModels);
  const current = byStatus();
  for (const { detail, count } of read.allSteps) step(current, detail, count);
  const shown = intervalsOf(periods, current, read.steps);
  return {
    interval,
    time_zone: 'UTC',
    date_start: startOf(range.first),
    date_end: apiDate(now),
    date_counted: read.dateCounted,
    esim_profiles: current,
    intervals: shown,
    installations: installationsOf(
      shown.reduce((sum, { entered }) => sum + entered.available, 0),
      read.ends,
    ),
    failures: failuresOf(read.steps, read.failures),
    devices: outcomesOf(read.devices).map(({ key, ...outcomes }) => ({ tac: key, ...outcomes })),
    euicc_makers: outcomesOf(read.euiccs).map(({ key, ...outcomes }) => ({
      eid_prefix: key,
      ...outcomes,
    })),
  };
}

async function readCounts(
  accountSid: string,
  range: Periods,
  store: StatisticsStore,
  findModels: FindModels,
): Promise<Read> {
  const { statistics } = store;
  const { counted, uncounted, dateCounted } = await upToNow(accountSid, store, findModels, () =>
    allEnded([
      statistics.byPeriod(accountSid, range, 'step'),
      statistics.allSteps(accountSid),
      statistics.sums(accountSid, range, 'end', GROUPS),
      statistics.sums(accountSid, range, 'failure', GROUPS),
      statistics.sums(accountSid, range, 'device', GROUPS),
      statistics.sums(accountSid, range, 'euicc', GROUPS),
    ]),
  );
  const [steps, allSteps, ends, failures, devices, euiccs] = counted;
  const inRange = uncounted.filter(
    ({ unit, period }) => unit === range.unit && period >= range.first && period <= range.last,
  );
  const more = (what: Count['what']) => inRange.filter((count) => count.what === what);
  return {
    steps: [...steps, ...more('step')],
    allSteps: [...allSteps, ...uncounted.filter(({ unit }) => unit === 'all')],
    ends: [...ends, ...more('end')],
    failures: [...failures, ...more('failure')],
    devices: [...devices, ...more('device')],
    euiccs: [...euiccs, ...more('euicc')],
    dateCounted,
  };
}

const byStatus = () =>
  Object.fromEntries(ESIM_PROFILE_STATUSES.map((status) => [status, 0])) as ByStatus;

/** @param count negative: back */
function step(counts: ByStatus, detail: string, count: number): void {
  const [from, to] = partsOf(detail);
  counts[to as EsimProfileStatus] += count;
  if (from !== '') counts[from as EsimProfileStatus] -= count;
}

/** From the last one back: what is now is known, and what has changed since. */
function intervalsOf(
  periods: readonly string[],
  current: ByStatus,
  steps: Read['steps'],
): Statistics['intervals'] {
  const stepsOf = Map.groupBy(steps, ({ period }) => period);
  const after = { ...current };
  const found = periods.toReversed().map((period) => {
    const entered = byStatus();
    const atEnd = { ...after };
    for (const { detail, count } of stepsOf.get(period) ?? []) {
      entered[partsOf(detail)[1] as EsimProfileStatus] += count;
      step(after, detail, -count);
    }
    return { date_start: startOf(period), entered, esim_profiles: atEnd };
  });
  return found.toReversed();
}

function installationsOf(available: number, ends: Sums): Statistics['installations'] {
  const counts = [...BOUNDS.map(String), MORE].map((bound) => sumOf(ends, `installed>${bound}`));
  return {
    available,
    installed: counts.reduce((sum, count) => sum + count, 0),
    failed: sumOf(ends, 'failed'),
    seconds: {
      median: boundWithin(counts, 0.5),
      p90: boundWithin(counts, 0.9),
      p99: boundWithin(counts, 0.99),
    },
    durations: counts.map((count, index) => ({ up_to_seconds: BOUNDS[index] ?? null, count })),
  };
}

const sumOf = (sums: Sums, detail: string) =>
  sums.reduce((sum, one) => (one.detail === detail ? sum + one.count : sum), 0);

const stageOf = (from: string) =>
  from === 'available' || from === 'downloaded' ? 'download' : 'reservation';

function failuresOf(steps: Read['steps'], failures: Sums): Statistics['failures'] {
  const counts = { reservation: 0, download: 0, ended: 0 };
  for (const { detail, count } of steps) {
    const [from, to] = partsOf(detail);
    if (to === 'failed') counts[stageOf(from)] += count;
  }
  const reasons = new Map<string, Statistics['failures']['reasons'][0]>();
  for (const { detail, count } of failures) {
    const [from, code] = partsOf(detail);
    const stage = ENDED_BY_US.includes(code) ? 'ended' : stageOf(from);
    counts[stageOf(from)] -= count;
    counts[stage] += count;
    const key = `${stage} ${code}`;
    const known = reasons.get(key);
    if (known === undefined) {
      reasons.set(key, { stage, error_code: code, error: errorText(code), count });
    } else known.count += count;
  }
  const shown = [...reasons.values()].toSorted(mostFirst).slice(0, SHOWN);
  const told = shown.reduce((sum, { count }) => sum + count, 0);
  const all = counts.reservation + counts.download + counts.ended;
  return { ...counts, reasons: shown, others: all - told };
}

type Counted = Pick<Reason, 'error_code' | 'count'>;
const mostFirst = (one: Counted, other: Counted) =>
  other.count - one.count || (one.error_code < other.error_code ? -1 : 1);

const total = (sums: Sums = []) => sums.reduce((sum, { count }) => sum + count, 0);

function outcomesOf(sums: Sums): (Outcomes & { key: string | null })[] {
  const byKey = Map.groupBy(sums, ({ detail }) => partsOf(detail)[0]);
  return Array.from(byKey, ([key, counts]) => {
    const outcomes = Map.groupBy(counts, ({ detail }) => partsOf(detail)[1]);
    const installed = total(outcomes.get('installed'));
    const reasons = Array.from(outcomes, ([code, some]) => ({
      error_code: code,
      error: errorText(code),
      count: total(some),
    })).filter(({ error_code }) => error_code !== 'installed');
    return {
      key: key === '' ? null : key,
      installed,
      failed: total(counts) - installed,
      reasons: reasons.toSorted(mostFirst).slice(0, SHOWN_OF_DEVICE),
    };
  })
    .toSorted(
      (one, other) =>
        other.installed + other.failed - (one.installed + one.failed) ||
        ((one.key ?? '') < (other.key ?? '') ? -1 : 1),
    )
    .slice(0, SHOWN);
}
