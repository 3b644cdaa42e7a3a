// The statistics of the API, as the dashboard shows them.
import type { Status } from './types.ts';

export type ByStatus = Record<Status, number>;

export interface Reason {
  error_code: string;
  error: string | null;
  count: number;
}

export interface Outcomes {
  installed: number;
  failed: number;
  reasons: Reason[];
}

export interface Forecast {
  basis: 'rate' | 'too_little_data' | 'no_orders';
  window_days: number | null;
  taken: number;
  per_day: number | null;
  days_left: number | null;
  date: string | null;
}

export interface Interval {
  date_start: string;
  entered: ByStatus;
  esim_profiles: ByStatus;
}

export interface Statistics {
  interval: 'hour' | 'day';
  date_start: string;
  date_counted: string | null;
  esim_profiles: ByStatus;
  intervals: Interval[];
  installations: {
    available: number;
    installed: number;
    failed: number;
    seconds: { median: number | null; p90: number | null; p99: number | null };
    durations: { up_to_seconds: number | null; count: number }[];
  };
  failures: {
    reservation: number;
    download: number;
    ended: number;
    reasons: (Reason & { stage: 'reservation' | 'download' | 'ended' })[];
    others: number;
  };
  devices: (Outcomes & { tac: string | null })[];
  euicc_makers: (Outcomes & { eid_prefix: string | null })[];
  callbacks: { pending: number; failed: number; more: boolean; oldest_pending: string | null };
  stock: { profile_type: string; available: number; forecast: Forecast }[];
}

/** When the stock runs out, in a sentence. */
export function forecastText({
  basis,
  days_left: days,
  per_day,
  window_days,
  date,
}: Forecast): string {
  if (basis === 'no_orders') return 'No orders in the last days.';
  if (basis === 'too_little_data' || days === null) return 'Too little data for a forecast.';
  const rate = `at ${per_day?.toLocaleString()} a day, as in the last ${window_days} days`;
  if (date === null) return `Not soon, ${rate}.`;
  const left =
    days === 0
      ? 'within a day'
      : `in about ${days.toLocaleString()} ${days === 1 ? 'day' : 'days'}`;
  return `Runs out ${left} (${date}) ${rate}.`;
}

const UNITS: [seconds: number, one: string, many: string][] = [
  [86_400, 'day', 'days'],
  [3_600, 'hour', 'hours'],
  [60, 'minute', 'minutes'],
  [1, 'second', 'seconds'],
];

/** A bound of durations. */
export function duration(seconds: number): string {
  const [length, one, many] = UNITS.find(([unit]) => seconds >= unit) ?? UNITS.at(-1)!;
  const count = seconds / length;
  return `${count} ${count === 1 ? one : many}`;
}

export const share = (part: number, whole: number) =>
  whole === 0 ? '–' : `${((part / whole) * 100).toFixed(part === whole || part === 0 ? 0 : 1)} %`;
