// When what could not be sent is sent again.
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
 * @returns milliseconds before the next attempt; undefined: there is none
 */
export function scheduledPause(
  attempts: number,
  retryAfterMs: number | undefined,
  random: () => number = Math.random,
): number | undefined {
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return undefined;
  const spread = pause * (1 + JITTER * (2 * random() - 1));
  return Math.max(spread, Math.min(retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
}

/**
 * The same pauses, the last of them again and again, as long as there is time; the last attempt is at its end.
 * @param leftMs until it is given up
 * @returns milliseconds before the next attempt; undefined: there is none
 */
export function pauseWithin(
  leftMs: number,
  attempts: number,
  random: () => number = Math.random,
): number | undefined {
  if (leftMs <= 0) return undefined;
  const pause = scheduledPause(Math.min(attempts, PAUSES_MS.length), undefined, random)!;
  return Math.min(pause, leftMs);
}
