// Counts the events of eSIM Profiles for the statistics.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { countNext } from '../operator/statistics/counting.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import type { Job } from './job.ts';

/** Until then, whoever asks for statistics reads the events themselves. */
const EVERY_MS = 10_000;
/** Events that another process has left, because it died, are looked for so often. */
const SEARCH_EVERY_MS = 60 * 60 * 1_000;
const ACCOUNTS_AT_ONCE = 16;

/** Each process counts what it has written itself; one of each server also what nobody counts. */
export function statistics({
  store,
  transact,
  peers,
}: Pick<Context, 'store' | 'transact' | 'peers'>): Job {
  const context = { store, transact, findModels: findDeviceModels };
  /** Accounts with events that may not be counted. */
  const waiting = new Set<string>();
  store.onEvents((accounts) => {
    for (const account of accounts) waiting.add(account);
  });
  let searchedAt = -Infinity;

  async function search(): Promise<void> {
    if (peers.number !== 1 || performance.now() < searchedAt + SEARCH_EVERY_MS) return;
    for (let after = ''; ;) {
      const found = await store.statistics.behind(after, ACCOUNTS_AT_ONCE);
      for (const account of found) waiting.add(account);
      if (found.length < ACCOUNTS_AT_ONCE) break;
      after = found.at(-1)!;
    }
    searchedAt = performance.now();
  }

  /** @returns whether there is more to count now */
  async function count(account: string): Promise<boolean> {
    // First, since an event may be added meanwhile.
    waiting.delete(account);
    try {
      const { more } = await countNext(account, context);
      const newest = await store.esimProfileEvents.newestSid(account);
      const mark = (await store.statistics.mark(account)) ?? '';
      if (newest !== undefined && newest > mark) waiting.add(account);
      return more;
    } catch (error) {
      waiting.add(account);
      throw error;
    }
  }

  return {
    name: 'statistics',
    everyMs: EVERY_MS,
    async turn() {
      await search();
      const accounts = [...waiting];
      let isMore = false;
      for (let at = 0; at < accounts.length; at += ACCOUNTS_AT_ONCE) {
        const started = performance.now();
        const some = accounts.slice(at, at + ACCOUNTS_AT_ONCE);
        const counted = await Promise.allSettled(some.map((account) => count(account)));
        for (const result of counted) {
          if (result.status === 'rejected') throw result.reason;
          if (result.value) isMore = true;
        }
        // Counting millions takes half of the time, so that everything else has the other half.
        await sleep(performance.now() - started);
      }
      return isMore;
    },
  };
}
