// Looks whether a profile type runs low.
import type { Context } from '../context.ts';
import { checkThresholds } from '../operator/stock/threshold.ts';
import type { Job } from './job.ts';

const EVERY_MS = 10_000;
/** At most this share of the time is spent counting. */
const COUNTING_SHARE = 1 / 20;

export function stock({ store, transact }: Pick<Context, 'store' | 'transact'>): Job {
  let seen: string | undefined;
  let notBefore = -Infinity;
  return {
    name: 'stock',
    everyMs: EVERY_MS,
    async turn() {
      const started = performance.now();
      const changeToken = await store.changeToken();
      if (changeToken === seen || started < notBefore) return false;
      await checkThresholds({ store, transact });
      seen = changeToken;
      const took = performance.now() - started;
      // Short ones need no pause: whoever sets a threshold waits for the answer.
      if (took > EVERY_MS * COUNTING_SHARE) notBefore = started + took / COUNTING_SHARE;
      return false;
    },
  };
}
