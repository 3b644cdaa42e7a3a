import { useEffect } from 'preact/hooks';
import { createStore, useStore } from '../store.ts';

const TICK_MS = 10_000;

const now = createStore(Date.now());
let watched = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

/** The time, as often as a text of minutes needs it. */
function useNow(): number {
  useEffect(() => {
    now.set(Date.now());
    if (watched++ === 0) ticking = setInterval(() => now.set(Date.now()), TICK_MS);
    return () => {
      if (--watched === 0) clearInterval(ticking);
    };
  }, []);
  return useStore(now);
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** What is longer ago is told apart by its date alone. */
const RECENT_S = 7 * 86_400;

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How long ago, or on which day, with the exact time to hover over. */
export function Time({ date }: { date: string }) {
  const at = new Date(date);
  return (
    <time dateTime={date} title={exact.format(at)}>
      {fromNow(at.getTime(), useNow())}
    </time>
  );
}

function fromNow(at: number, from: number): string {
  const seconds = Math.round((at - from) / 1000);
  if (Math.abs(seconds) > RECENT_S) return day.format(at);
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  if (unit !== undefined) return relative.format(Math.trunc(seconds / unit[1]), unit[0]);
  // Clocks of two machines differ, and nothing has happened in the future.
  return seconds > 5
    ? relative.format(seconds, 'second')
    : seconds > -15
      ? 'just now'
      : relative.format(seconds, 'second');
}
