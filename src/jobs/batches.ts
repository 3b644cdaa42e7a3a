// Carries out batches of orders.
import type { Context } from '../context.ts';
import { runBatches } from '../operator/batch/run-batches.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function batches(
  context: Pick<Context, 'store' | 'transact' | 'config' | 'log' | 'masterKey' | 'smdp'>,
): Job {
  return {
    name: 'batches',
    everyMs: LOOK_MS,
    turn: () => runBatches(context),
  };
}
