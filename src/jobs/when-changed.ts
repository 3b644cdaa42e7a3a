// On a database whose tables are spread, a look for work asks every server. So it is done when something has changed, which the
// coordinator alone can tell, and otherwise seldom: only what was to wait becomes due without a change.
import type { Store } from '../store/store.ts';
import type { Job } from './job.ts';

/** How much later than elsewhere something may begin that was to wait until then. */
const MOST_MS = 5_000;

export function whenChanged(job: Job, store: Pick<Store, 'isSpread' | 'changeToken'>): Job {
  if (!store.isSpread || job.everyMs >= MOST_MS) return job;
  /** As the last look began that found nothing. */
  let seen: string | undefined;
  let lookedAt = -Infinity;
  return {
    ...job,
    async turn() {
      const token = await store.changeToken();
      const now = performance.now();
      if (token === seen && now < lookedAt + MOST_MS) return false;
      seen = undefined;
      const isMore = await job.turn();
      lookedAt = now;
      if (!isMore) seen = token;
      return isMore;
    },
  };
}
