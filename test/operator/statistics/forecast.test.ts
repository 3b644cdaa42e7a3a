// When a stock runs out, and when nobody can say.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boundOf, boundWithin, BOUNDS } from '../../../src/operator/statistics/durations.ts';
import { errorText } from '../../../src/operator/statistics/error-texts.ts';
import { forecast } from '../../../src/operator/statistics/forecast.ts';
import { lastPeriods } from '../../../src/operator/statistics/periods.ts';

const NOW = new Date('2026-11-23T10:30:00Z');
const DAYS = 29;

/** @param taken in the last days, today last */
const days = (...taken: number[]) => [...Array<number>(DAYS - taken.length).fill(0), ...taken];
const each = (count: number, taken: number) => Array<number>(count).fill(taken);

describe('a forecast of the stock', () => {
  test('goes by the last 14 whole days; today is not over', () => {
    assert.deepEqual(forecast(410, days(...each(14, 41), 1000), NOW), {
      basis: 'rate',
      window_days: 14,
      taken: 574,
      per_day: 41,
      days_left: 10,
      date: '2026-12-03',
    });
  });

  test('goes by the last 7 days where these are faster, or there are no more', () => {
    const faster = forecast(100, days(...each(14, 1), ...each(7, 10), 0), NOW);
    assert.deepEqual([faster.window_days, faster.per_day, faster.days_left], [7, 10, 10]);
    const fewer = forecast(100, days(...each(8, 10), 0), NOW);
    assert.deepEqual([fewer.window_days, fewer.days_left], [7, 10]);
    const slower = forecast(100, days(...each(7, 10), ...each(7, 1), 0), NOW);
    assert.deepEqual([slower.window_days, slower.per_day], [14, 5.5]);
  });

  test('is not made from fewer than 7 days, or fewer than 5 orders', () => {
    const none = { per_day: null, days_left: null, date: null };
    assert.deepEqual(forecast(100, days(...each(6, 10), 5), NOW), {
      basis: 'too_little_data',
      window_days: null,
      taken: 65,
      ...none,
    });
    assert.deepEqual(forecast(100, days(4, ...each(13, 0), 9), NOW), {
      basis: 'too_little_data',
      window_days: 14,
      taken: 4,
      ...none,
    });
    assert.equal(forecast(100, undefined, NOW).basis, 'no_orders');
    assert.equal(forecast(100, days(9, ...each(16, 0), 0), NOW).basis, 'no_orders');
    assert.equal(forecast(100, days(9), NOW).basis, 'too_little_data');
  });

  test('has no date that is too far away to be one, and 0 days for an empty stock', () => {
    const far = forecast(1_000_000, days(...each(14, 1), 0), NOW);
    assert.deepEqual([far.days_left, far.date], [1_000_000, null]);
    const empty = forecast(0, days(...each(14, 1), 0), NOW);
    assert.deepEqual([empty.days_left, empty.date], [0, '2026-11-23']);
  });
});

describe('statistics', () => {
  test('durations are rounded up to bounds, which percentiles are made of', () => {
    const at = (seconds: number) =>
      boundOf(
        '2026-11-23T00:00:00Z',
        new Date(Date.UTC(2026, 10, 23) + seconds * 1_000).toISOString(),
      );
    assert.deepEqual([0, 10, 11, 3600, 2_592_000, 2_592_001].map(at), [
      '10',
      '10',
      '30',
      '3600',
      '2592000',
      'more',
    ]);
    const counts = [...BOUNDS.map(() => 0), 0];
    assert.equal(boundWithin(counts, 0.5), null);
    counts[0] = 9;
    counts[counts.length - 1] = 1;
    assert.deepEqual(
      [0.5, 0.9, 0.99].map((share) => boundWithin(counts, share)),
      [10, 10, null],
    );
  });

  test('periods end with the current one, in UTC', () => {
    assert.deepEqual(lastPeriods('hour', 3, new Date('2026-03-01T01:59:59Z')), [
      '2026-02-28T23',
      '2026-03-01T00',
      '2026-03-01T01',
    ]);
    assert.deepEqual(lastPeriods('day', 2, new Date('2026-03-01T00:00:00Z')), [
      '2026-02-28',
      '2026-03-01',
    ]);
  });

  test('error codes are worded by the table that they are from: §5.2.6, §2.5.6, or ours', () => {
    assert.equal(errorText('83500'), 'No eSIM Profiles are available');
    assert.equal(errorText('8.2.7/6.4'), 'Confirmation code: Maximum number of retries exceeded');
    assert.equal(errorText('8/4.2'), 'eUICC remote provisioning: Execution error');
    assert.equal(errorText('5/99'), 'The eUICC reported errorReason 99 in loadProfileElements');
    assert.equal(errorText('constructor/toString'), null);
  });
});
