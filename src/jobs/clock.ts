// Compares the machine's clock with the database's.
import type { Context } from '../context.ts';
import { CLOCK_CHECK_MS, clockChecker } from '../process/clock-check.ts';
import type { Job } from './job.ts';

export function clock({ store, log }: Pick<Context, 'store' | 'log'>): Job {
  const check = clockChecker(store, log);
  return {
    name: 'clock',
    everyMs: CLOCK_CHECK_MS,
    async turn() {
      await check();
      return false;
    },
  };
}
