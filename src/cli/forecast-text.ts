// When a stock runs out, in a few words.
import type { Forecast } from '../operator/statistics/forecast.ts';

export function forecastText({ basis, days_left, per_day, window_days, date }: Forecast): string {
  if (basis === 'no_orders') return 'no orders lately';
  if (basis === 'too_little_data' || days_left === null) return 'too little data';
  const rate = `at ${per_day} a day, as in the last ${window_days} days`;
  if (date === null) return `not soon, ${rate}`;
  return `about ${days_left} ${days_left === 1 ? 'day' : 'days'} (${date}) ${rate}`;
}
