// How long it took, in steps that a person thinks in: a distribution of any number of durations in a few numbers.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Upper bounds in seconds, inclusive; longer ones are `MORE`. */
export const BOUNDS = [
  10,
  30,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  HOUR,
  4 * HOUR,
  12 * HOUR,
  DAY,
  3 * DAY,
  7 * DAY,
  30 * DAY,
] as const;
export const MORE = 'more';

/** @param from as the API writes dates, like `to` */
export function boundOf(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1_000;
  return String(BOUNDS.find((bound) => seconds <= bound) ?? MORE);
}

/**
 * The bound within which a share of all durations is.
 * @param counts by the bounds in their order, and `MORE` at the end
 * @returns null if there are none, or the share is not within a bound
 */
export function boundWithin(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let sum = 0;
  for (const [index, bound] of BOUNDS.entries()) {
    sum += counts[index]!;
    if (sum >= total * share) return bound;
  }
  return null;
}
