// Compares the machine's clock with the database's.
import type { Context } from '../context.ts';
import { CLOCK_CHECK_MS, clockChecker } from '../process/clock-check.ts';
import { keepTime } from '../process/kept-time.ts';
import type { Job } from './job.ts';

export function clock({ store, transact, log }: Pick<Context, 'store' | 'transact' | 'log'>): Job {
  const check = clockChecker(store, log);
  return {
    name: 'clock',
    everyMs: CLOCK_CHECK_MS,
    async turn() {
      await check();
      await keepTime(store, transact);
      return false;
    },
  };
}
