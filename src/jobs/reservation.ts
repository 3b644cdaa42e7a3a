// Reserves pending orders at the SM-DP+.
import type { Job } from './job.ts';
import { BATCH, LOOK_MS } from './job.ts';

/** @param reserve a turn, of so many orders at most */
export function reservation(reserve: (limit: number) => Promise<boolean>): Job {
  return {
    name: 'reservation',
    everyMs: LOOK_MS,
    turn: () => reserve(BATCH),
  };
}
