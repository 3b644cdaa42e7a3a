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

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How long ago, with the exact time to hover over. */
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
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  if (unit !== undefined) return relative.format(Math.trunc(seconds / unit[1]), unit[0]);
  // Clocks of two machines differ, and nothing has happened in the future.
  return seconds > 5
    ? relative.format(seconds, 'second')
    : seconds > -15
      ? 'just now'
      : relative.format(seconds, 'second');
}
