// Examples of statistics.
import { ACCOUNT_SID, BASE } from './example-values.ts';

export const STATISTICS_EXAMPLES = {
  Forecast: {
    basis: 'rate',
    window_days: 14,
    taken: 574,
    per_day: 41,
    days_left: 29,
    date: '2026-12-22',
  },
  Statistics: {
    account_sid: ACCOUNT_SID,
    interval: 'day',
    time_zone: 'UTC',
    date_start: '2026-11-23T00:00:00Z',
    date_end: '2026-11-23T15:08:12Z',
    date_counted: null,
    esim_profiles: { new: 0, reserving: 0, available: 2, downloaded: 0, installed: 7, failed: 1 },
    intervals: [
      {
        date_start: '2026-11-23T00:00:00Z',
        entered: { new: 10, reserving: 10, available: 9, downloaded: 7, installed: 7, failed: 1 },
        esim_profiles: {
          new: 0,
          reserving: 0,
          available: 2,
          downloaded: 0,
          installed: 7,
          failed: 1,
        },
      },
    ],
    installations: {
      available: 9,
      installed: 7,
      failed: 0,
      seconds: { median: 300, p90: 3600, p99: 3600 },
      durations: [
        { up_to_seconds: 10, count: 0 },
        { up_to_seconds: 30, count: 0 },
        { up_to_seconds: 60, count: 2 },
        { up_to_seconds: 300, count: 4 },
        { up_to_seconds: 900, count: 0 },
        { up_to_seconds: 3600, count: 1 },
        { up_to_seconds: 14400, count: 0 },
        { up_to_seconds: 43200, count: 0 },
        { up_to_seconds: 86400, count: 0 },
        { up_to_seconds: 259200, count: 0 },
        { up_to_seconds: 604800, count: 0 },
        { up_to_seconds: 2592000, count: 0 },
        { up_to_seconds: null, count: 0 },
      ],
    },
    failures: {
      reservation: 1,
      download: 0,
      ended: 0,
      reasons: [
        {
          stage: 'reservation',
          error_code: '83500',
          error: 'No eSIM Profiles are available',
          count: 1,
        },
      ],
      others: 0,
    },
    devices: [{ tac: '35693803', installed: 7, failed: 0, reasons: [] }],
    euicc_makers: [{ eid_prefix: '89049032', installed: 7, failed: 0, reasons: [] }],
    callbacks: { pending: 0, failed: 0, more: false, oldest_pending: null },
    stock: [
      {
        profile_type: 'default',
        available: 1200,
        forecast: {
          basis: 'rate',
          window_days: 14,
          taken: 574,
          per_day: 41,
          days_left: 29,
          date: '2026-12-22',
        },
      },
    ],
    url: `${BASE}/v1/Statistics`,
  },
};
