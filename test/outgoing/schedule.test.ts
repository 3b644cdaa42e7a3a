// When something is sent again, and when it is given up.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pauseWithin, scheduledPause } from '../../src/outgoing/schedule.ts';

/** Without jitter. */
const middle = () => 0.5;
const inSeconds = (pause: number | undefined) => pause && pause / 1000;

describe('the schedule', () => {
  test('spreads ten retries over about 28 hours, then gives up', () => {
    const pauses = Array.from({ length: 11 }, (_, index) =>
      scheduledPause(index + 1, undefined, middle),
    );
    assert.deepEqual(pauses.map(inSeconds), [
      5,
      30,
      120,
      600,
      1800,
      3600,
      7200,
      14400,
      28800,
      43200,
      undefined,
    ]);
  });

  test('waits as long as the receiver requests, up to an hour', () => {
    assert.equal(scheduledPause(1, 60_000, middle), 60_000);
    assert.equal(scheduledPause(1, 86_400_000, middle), 3_600_000);
  });

  test('within a day ends with an attempt at its end, and goes on for as long as it is given', () => {
    const pausesOf = (lifetimeMs: number) => {
      const pauses: number[] = [];
      for (let left = lifetimeMs; ;) {
        const pause = pauseWithin(left, pauses.length + 1, middle);
        if (pause === undefined) return pauses.map((ms) => ms / 1000);
        pauses.push(pause);
        left -= pause;
      }
    };
    const day = 24 * 60 * 60;
    const first = [5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800];
    const used = first.reduce((sum, pause) => sum + pause, 0);
    assert.deepEqual(pausesOf(day * 1000), [...first, day - used]);
    assert.deepEqual(pausesOf(2 * day * 1000).slice(9), [43200, 43200, 2 * day - used - 86400]);
    assert.equal(pauseWithin(0, 1), undefined);
    assert.equal(pauseWithin(-1, 1), undefined);
  });
});
