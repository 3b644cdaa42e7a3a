// Counts of events.

/**
 * How often something happened in a period; see operator/statistics/counting.ts. A count is the sum of what the events up to
 * the account's mark say.
 */
export interface StatisticsCountRow {
  account_sid: string;
  unit: 'all' | 'day' | 'hour';
  /** UTC: '' for all, `2026-11-23` for a day, `2026-11-23T12` for an hour. */
  period: string;
  what: StatisticsWhat;
  detail: string;
  count: number;
}

/**
 * A change of status; how an order that became available in the period ended; why one failed; the model of the device, and
 * the maker of the eUICC, of one that a device came for; a subscription taken from stock.
 */
export type StatisticsWhat = 'step' | 'end' | 'failure' | 'device' | 'euicc' | 'taken';

export interface StatisticsMarkRow {
  account_sid: string;
  /** SID of the last event that is counted. */
  counted_to: string;
}

export interface StatisticsTables {
  statistics_counts: StatisticsCountRow;
  statistics_marks: StatisticsMarkRow;
}
