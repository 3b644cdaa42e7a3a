// How many eUICCs may be given their operation now, at so many in a minute.

const MINUTE_MS = 60_000;
/** What was not used up, as while no server ran, is not made good for longer than this. */
const MOST_CREDIT_MS = 5_000;

export interface Credit {
  count: number;
  /** From when on the next ones are counted, once `used` have been given theirs. */
  after: (used: number) => Date;
}

/** @param from when the last one was due */
export function creditAt(now: Date, from: Date, rate: number): Credit {
  const each = MINUTE_MS / rate;
  const earliest = now.getTime() - Math.max(each, MOST_CREDIT_MS);
  const start = Math.max(from.getTime(), earliest);
  return {
    // A little more, since dates have whole milliseconds.
    count: Math.max(0, Math.floor((now.getTime() - start) / each + 1e-6)),
    after: (used) => new Date(start + used * each),
  };
}

/** So that the first one is due at once. */
export const firstDue = (now: Date, rate: number | null): Date =>
  rate === null ? now : new Date(now.getTime() - Math.ceil(MINUTE_MS / rate));

/** When the next one is due. */
export const nextDue = (from: Date, rate: number): Date =>
  new Date(from.getTime() + Math.ceil(MINUTE_MS / rate));
