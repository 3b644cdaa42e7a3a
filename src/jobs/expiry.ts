// Ends orders whose `ExpiresAt` has come.
import type { Context } from '../context.ts';
import { expireOrders } from '../operator/expire-orders.ts';
import type { Job } from './job.ts';
import { BATCH, LOOK_MS } from './job.ts';

export function expiry(context: Pick<Context, 'store' | 'transact' | 'now' | 'smdp' | 'log'>): Job {
  return {
    name: 'expiry',
    everyMs: LOOK_MS,
    async turn() {
      return (await expireOrders(context, BATCH)) === BATCH;
    },
  };
}
