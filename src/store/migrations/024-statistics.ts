import type { Flavor } from '../flavor.ts';

/**
 * Counts of what the events of eSIM Profiles say, and up to which event they are counted. Both are empty at first: the
 * events that are there are counted in the background.
 */
export function statisticsCounts({ text, clustered, statistics }: Flavor): string[] {
  return [
    `create table statistics_counts (
      account_sid ${text} not null,
      unit ${text} not null check (unit in ('all', 'day', 'hour')),
      period ${text} not null,
      what ${text} not null,
      detail ${text} not null,
      count integer not null,
      primary key (account_sid, unit, period, what, detail)
    ) ${clustered}`,
    `create table statistics_marks (
      account_sid ${text} not null primary key,
      counted_to ${text} not null
    )`,
    ...statistics({
      statistics_counts: { statistics_counts: [1_000_000, 10_000, 5_000, 20, 4, 1] },
      statistics_marks: { statistics_marks: [1_000, 1] },
    }),
  ];
}
