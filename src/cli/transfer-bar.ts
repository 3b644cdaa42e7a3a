// The progress of a backup, a restore or a move, with the time that is left.
import type { Step, Tell } from '../transfer/progress.ts';
import { progressBar } from './progress.ts';

const TITLES = { rows: '', indexes: '', check: 'checking ' } satisfies Record<
  Step['phase'],
  string
>;
/** Of the longest titles. */
const WIDTH = 30;
/** Before that, the rate says little. */
const SETTLED_MS = 3_000;

/** Shows the progress of `work` while it lasts. */
export async function withBar<T>(work: (tell: Tell) => Promise<T>): Promise<T> {
  using bar = progressBar();
  let begun: { phase: Step['phase']; at: number; done: number } | undefined;
  return await work(({ phase, title, done, count }) => {
    const now = performance.now();
    if (begun?.phase !== phase) begun = { phase, at: now, done };
    bar.show(`${TITLES[phase]}${title}`.padEnd(WIDTH), done, count, leftOf(begun, now, done));
  });
}

function leftOf(begun: { at: number; done: number }, now: number, done: number): string {
  const passed = now - begun.at;
  if (passed < SETTLED_MS || done <= begun.done) return '';
  const seconds = Math.round(((passed / (done - begun.done)) * (1 - done)) / 1000);
  return seconds < 60 ? `${seconds} s left` : `${Math.ceil(seconds / 60)} min left`;
}
