// Compares the machine's clock with the database's.
import type { Context } from '../context.ts';
import { CLOCK_CHECK_MS, clockChecker } from '../process/clock-check.ts';
import { keepTime } from '../process/kept-time.ts';
import type { Job } from './job.ts';

/** One of a server's workers speaks for all, and keeps the time: they are on one machine. */
export function clock({
  store,
  transact,
  log,
  peers,
}: Pick<Context, 'store' | 'transact' | 'log' | 'peers'>): Job {
  const check = clockChecker(store, log);
  return {
    name: 'clock',
    everyMs: CLOCK_CHECK_MS,
    async turn() {
      if (peers.number > 1) {
        await store.clock.compare();
        return false;
      }
      await check();
      await keepTime(store, transact);
      return false;
    },
  };
}
