// When the stock runs out, if orders go on as in the last days: only where there are enough days and orders to say so.
import { apiDate } from '../../values/date.ts';
import type { FindModels } from './count-events.ts';
import { INTERVAL_MS, lastPeriods } from './periods.ts';
import type { StatisticsStore } from './uncounted.ts';
import { upToNow } from './uncounted.ts';

/** Days before today by which the rate is measured. */
export const WINDOWS = [7, 14] as const;
/** Fewer orders say nothing about the next days. */
const FEWEST = 5;
/** Beyond, a date would only look exact. */
const FARTHEST_DAYS = 3_650;
/** How far back is looked for orders before the longest window: with some, it has no idle days at its beginning. */
const LOOKED_BACK = 2 * Math.max(...WINDOWS);

export type Basis = 'rate' | 'too_little_data' | 'no_orders';

export interface Forecast {
  /** Why there is a date, or none. */
  basis: Basis;
  /** Whole days (UTC) before today that were looked at; null: too few. */
  window_days: number | null;
  /** Subscriptions taken from stock in these days. */
  taken: number;
  per_day: number | null;
  days_left: number | null;
  /** UTC. */
  date: string | null;
}

/** Subscriptions taken from stock on each day, by profile type. The last day is today. */
export type TakenByType = Map<string, number[]>;

export async function takenByType(
  accountSid: string,
  store: StatisticsStore,
  findModels: FindModels,
): Promise<TakenByType> {
  const days = lastPeriods('day', LOOKED_BACK + 1, store.now());
  const range = { unit: 'day', first: days[0]!, last: days.at(-1)! } as const;
  const { counted, uncounted } = await upToNow(accountSid, store, findModels, () =>
    store.statistics.byPeriod(accountSid, range, 'taken'),
  );
  const taken: TakenByType = new Map();
  for (const { period, detail: type, count } of [
    ...counted,
    ...uncounted.filter(({ what }) => what === 'taken'),
  ]) {
    const day = days.indexOf(period);
    if (day === -1) continue;
    const counts = taken.get(type) ?? days.map(() => 0);
    counts[day]! += count;
    taken.set(type, counts);
  }
  return taken;
}

/**
 * Of two windows, the one with the higher rate counts: better warned too early. Cancelled orders count as taken, also those
 * whose subscription has returned to stock.
 * @param days taken on each day; the last one is today, which is not over and not counted
 */
export function forecast(available: number, days: readonly number[] = [], now: Date): Forecast {
  const past = days.slice(0, -1);
  const first = past.findIndex((count) => count > 0);
  const daysOfUse = first === -1 ? 0 : past.length - first;
  const rates = WINDOWS.filter((window) => window <= daysOfUse).map((window) => {
    const taken = past.slice(-window).reduce((sum, count) => sum + count, 0);
    return { window, taken, perDay: taken / window };
  });
  const none = { per_day: null, days_left: null, date: null };
  const longest = rates.at(-1);
  const today = days.at(-1) ?? 0;
  if (longest === undefined) {
    const basis = daysOfUse === 0 && today === 0 ? 'no_orders' : 'too_little_data';
    return { basis, window_days: null, taken: sum(past) + today, ...none };
  }
  const fastest = rates.reduce((one, other) => (other.perDay >= one.perDay ? other : one));
  if (longest.taken < FEWEST) {
    const basis = longest.taken + today === 0 ? 'no_orders' : 'too_little_data';
    return { basis, window_days: longest.window, taken: longest.taken, ...none };
  }
  const { window, taken, perDay } = fastest;
  const daysLeft = Math.floor(available / perDay);
  const end = new Date(now.getTime() + daysLeft * INTERVAL_MS.day);
  return {
    basis: 'rate',
    window_days: window,
    taken,
    per_day: Math.round(perDay * 10) / 10,
    days_left: daysLeft,
    date: daysLeft > FARTHEST_DAYS ? null : apiDate(end).slice(0, 10),
  };
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
