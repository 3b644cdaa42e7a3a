// When a call to an SM-DS that has failed is made again.
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first, second, … failure; the last one after all others. */
const PAUSES_MS = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
];
const JITTER = 0.1;

/** Deletions that have failed, over a month: by then the SM-DS is gone, or has dropped the event itself. */
export const GIVEN_UP_AFTER = 128;

/**
 * An event that waits for its device is registered again and again, as long as it waits.
 * @param attempts made so far
 * @returns milliseconds
 */
export function pauseBeforeNext(attempts: number, random: () => number = Math.random): number {
  const pause = PAUSES_MS[attempts - 1] ?? PAUSES_MS.at(-1)!;
  return pause * (1 + JITTER * (2 * random() - 1));
}
