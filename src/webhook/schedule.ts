// When a failed callback is retried, and when it is given up.
import { scheduledPause } from '../outgoing/schedule.ts';
import type { FailureKind, Overrides } from './overrides.ts';

/** Between the retries that a URL asks for. */
const OVERRIDDEN_MS = 1_000;

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
): number | undefined {
  if (overrides.retryCount === undefined) return scheduledPause(attempts, retryAfterMs);
  const again = attempts <= overrides.retryCount && overrides.retryPolicy.includes(failure);
  return again ? OVERRIDDEN_MS : undefined;
}
