// Reserves pending orders at the SM-DP+.
import type { Context } from '../context.ts';
import { reserveBatch } from '../operator/reserve.ts';
import type { Job } from './job.ts';
import { BATCH, LOOK_MS } from './job.ts';

export function reservation(
  context: Pick<Context, 'config' | 'store' | 'smdp' | 'masterKey' | 'log' | 'transact'>,
): Job {
  return {
    name: 'reservation',
    everyMs: LOOK_MS,
    async turn() {
      if (!(await context.store.esimProfiles.anyToReserve())) return false;
      return (await reserveBatch(context, BATCH)) === BATCH;
    },
  };
}
