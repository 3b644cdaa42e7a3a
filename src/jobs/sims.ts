// Applies scheduled status changes of Sims.
import type { Context } from '../context.ts';
import { settleScheduledSims } from '../operator/sim.ts';
import type { Job } from './job.ts';
import { BATCH, LOOK_MS } from './job.ts';

export function sims(context: Pick<Context, 'store' | 'transact'>): Job {
  return {
    name: 'sims',
    everyMs: LOOK_MS,
    async turn() {
      if (!(await context.store.sims.anyScheduled())) return false;
      const settled = await settleScheduledSims(BATCH, context);
      return settled === BATCH;
    },
  };
}
