// The hours and days by which is counted, in UTC.
import type { Periods } from '../../store/statistics.ts';
import { apiDate } from '../../values/date.ts';

export type Interval = Periods['unit'];

export const INTERVAL_MS: Record<Interval, number> = { hour: 3_600_000, day: 86_400_000 };

/** Hours are counted for so long; days for ever. */
const HOURS_KEPT_MS = 31 * INTERVAL_MS.day;
/** What is shown by the hour is kept by the hour, also a little later. */
export const MOST: Record<Interval, number> = { hour: 14 * 24, day: 366 };

/** @param date as the API writes dates, or its beginning */
export function periodOf(date: string, interval: Interval): string {
  return date.slice(0, interval === 'hour' ? 13 : 10);
}

/** As the API writes dates. */
export function startOf(period: string): string {
  return period.length === 10 ? `${period}T00:00:00Z` : `${period}:00:00Z`;
}

/** The last `count` periods, oldest first; the last one is that of `now`. */
export function lastPeriods(interval: Interval, count: number, now: Date): string[] {
  const current = Math.floor(now.getTime() / INTERVAL_MS[interval]);
  return Array.from({ length: count }, (_, index) => {
    const start = new Date((current - count + 1 + index) * INTERVAL_MS[interval]);
    return periodOf(apiDate(start), interval);
  });
}

/** The first hour that is still counted. */
export function firstHour(now: Date): string {
  return periodOf(apiDate(new Date(now.getTime() - HOURS_KEPT_MS)), 'hour');
}
