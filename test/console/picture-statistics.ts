// Statistics as an account of a fleet has them after a while, for the picture of the dashboard.
import { lastPeriods } from '../../src/operator/statistics/periods.ts';
import type { Count } from '../../src/store/statistics.ts';

const DAYS = 30;
/** Of Monday to Sunday, how much is ordered. */
const WEEK = [1, 1.15, 1.1, 0.95, 0.8, 0.3, 0.25];
/** Shares of a day's installations, by the bound of their duration. */
const DURATIONS: [bound: string, share: number][] = [
  ['60', 0.08],
  ['300', 0.27],
  ['900', 0.22],
  ['3600', 0.17],
  ['14400', 0.1],
  ['43200', 0.07],
  ['86400', 0.05],
  ['259200', 0.04],
];
const MODELS: [tac: string, share: number, failed: number][] = [
  ['35693803', 0.46, 0.01],
  ['35847631', 0.31, 0.02],
  ['86201104', 0.23, 0.09],
];
const MAKERS: [prefix: string, share: number][] = [
  ['89049032', 0.7],
  ['89033023', 0.3],
];
/** By the status before, with the share of the orders. */
const FAILURES: [detail: string, share: number][] = [
  ['downloaded>5/13', 0.021],
  ['available>8.2.7/6.4', 0.008],
  ['available>83590', 0.013],
  ['available>83591', 0.006],
  ['reserving>83500', 0.004],
];

/** The last 30 days. */
export function fleetCounts(now: Date): Count[] {
  const counts: Count[] = [];
  const add = (period: string, what: Count['what'], detail: string, count: number) => {
    if (count === 0) return;
    counts.push({ unit: 'day', period, what, detail, count });
  };
  for (const [day, period] of lastPeriods('day', DAYS, now).entries()) {
    const weekday = (new Date(period).getUTCDay() + 6) % 7;
    const orders = Math.round((260 + 6 * day) * WEEK[weekday]! * (1 + 0.08 * Math.sin(day * 2.4)));
    const of = (share: number) => Math.round(orders * share);
    const failures = FAILURES.map(([detail, share]) => [detail, of(share)] as const);
    const ended = (from: string) =>
      failures.reduce((sum, [detail, count]) => (detail.startsWith(from) ? sum + count : sum), 0);
    // Those of the last days are still to come.
    const comes = day < DAYS - 2 ? 0.9 : 0.62;
    const downloaded = of(comes);
    const installed = downloaded - ended('downloaded') - of(0.01);
    for (const [detail, count] of [
      ['>new', orders],
      ['new>reserving', orders],
      ['reserving>available', orders - ended('reserving')],
      ['available>downloaded', downloaded],
      ['downloaded>installed', installed],
      ['available>failed', ended('available')],
      ['downloaded>failed', ended('downloaded')],
      ['reserving>failed', ended('reserving')],
    ] as const) {
      add(period, 'step', detail, count);
    }
    for (const [detail, count] of failures) add(period, 'failure', detail, count);
    for (const [bound, share] of DURATIONS) {
      add(period, 'end', `installed>${bound}`, Math.round(installed * share));
    }
    add(period, 'end', 'failed', ended('available') + ended('downloaded'));
    for (const [tac, share, failed] of MODELS) {
      add(period, 'device', `${tac}>installed`, Math.round(installed * share * (1 - failed)));
      add(period, 'device', `${tac}>5/13`, Math.round(installed * share * failed));
    }
    for (const [prefix, share] of MAKERS) {
      add(period, 'euicc', `${prefix}>installed`, Math.round(installed * share));
      add(period, 'euicc', `${prefix}>5/13`, Math.round(installed * share * 0.03));
    }
    add(period, 'taken', 'default', Math.round(orders * 0.7));
    add(period, 'taken', 'fleet', Math.round(orders * 0.3));
  }
  return [...counts, ...ofAllTimes(counts)];
}

function ofAllTimes(counts: readonly Count[]): Count[] {
  const steps = Map.groupBy(
    counts.filter(({ what }) => what === 'step'),
    ({ detail }) => detail,
  );
  return Array.from(steps, ([detail, some]) => ({
    unit: 'all',
    period: '',
    what: 'step',
    detail,
    count: some.reduce((sum, { count }) => sum + count, 0),
  }));
}
