// When a failed callback is retried, and when it is given up.
import type { FailureKind, Overrides } from './overrides.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first, second, … failure: about 28 hours in all. */
const PAUSES_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
];
const JITTER = 0.1;
const MAX_RETRY_AFTER_MS = HOUR;

/**
 * @param attempts made so far
 * @param retryAfterMs requested by the receiver
 * @returns the pause in milliseconds before the next attempt; undefined: given up
 */
export function pauseBeforeNext(
  attempts: number,
  failure: FailureKind,
  overrides: Overrides,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number | undefined {
  if (overrides.retryCount !== undefined) {
    const again = attempts <= overrides.retryCount && overrides.retryPolicy.includes(failure);
    return again ? SECOND : undefined;
  }
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return undefined;
  const spread = pause * (1 + JITTER * (2 * random() - 1));
  return Math.max(spread, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}
