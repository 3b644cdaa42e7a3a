import { useEffect } from 'preact/hooks';
import { createStore, useStore } from '../store.ts';
import { timeForm } from '../time-form.ts';

const TICK_MS = 10_000;

const now = createStore(Date.now());
let watched = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

/** The current time, updated often enough for relative times in minutes. */
export function useNow(): number {
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

/** Beyond this, the date alone is shown. */
const RECENT_S = 7 * 86_400;

const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** A relative or exact time, or both, as the user chose; the other form, and the API's text, on hover. */
export function Time({ date }: { date: string }) {
  const at = new Date(date);
  const exact = inFull(at);
  const ago = fromNow(at, useNow());
  const form = useStore(timeForm);
  // Long ago, both begin with the date.
  const isExact = form === 'exact' || (form === 'both' && exact.startsWith(ago));
  return (
    <time dateTime={date} title={`${isExact ? ago : exact} (${date})`}>
      {isExact ? exact : ago}
      {form === 'both' && !isExact && <span class="muted"> {exact}</span>}
    </time>
  );
}

/** Like the API's dates, but in local time. */
function inFull(at: Date): string {
  const [date, time] = new Date(at.getTime() - at.getTimezoneOffset() * 60_000)
    .toISOString()
    .split('T');
  return `${date} ${time!.slice(0, 8)}`;
}

function fromNow(at: Date, from: number): string {
  const seconds = Math.round((at.getTime() - from) / 1000);
  if (Math.abs(seconds) > RECENT_S) return inFull(at).slice(0, 10);
  // What was set to end in seven days is still to end in seven, not in six, a second later.
  const rounded = seconds > 60 ? Math.round(seconds / 60) * 60 : seconds;
  const unit = UNITS.find(([, length]) => Math.abs(rounded) >= length);
  if (unit !== undefined) {
    const count = rounded / unit[1];
    return relative.format(count > 0 ? Math.round(count) : Math.trunc(count), unit[0]);
  }
  // The machines' clocks may differ, and no event lies in the future.
  return seconds > 5
    ? relative.format(seconds, 'second')
    : seconds > -15
      ? 'just now'
      : relative.format(seconds, 'second');
}
