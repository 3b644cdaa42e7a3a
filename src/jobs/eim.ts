// Makes operations of the eIM from orders for the EIDs of its eUICCs.
import type { FollowContext } from '../eim/follow-orders.ts';
import type { FollowedAccounts } from '../eim/follow-orders.ts';
import { followOrders } from '../eim/follow-orders.ts';
import { pushLeft } from '../eim/push-orders.ts';
import type { Context } from '../context.ts';
import type { Job } from './job.ts';

/** What another process has written, or left. */
const SEARCH_EVERY_MS = 30_000;
const EVERY_MS = 5_000;

export function eim({
  wake,
  peers,
  ...context
}: FollowContext & Pick<Context, 'wake' | 'peers'>): Job {
  const { store } = context;
  /** Accounts with events that may not have been followed. */
  const waiting = new Set<string>();
  const followed: FollowedAccounts = new Map();
  store.onEvents((accounts) => {
    for (const account of accounts) waiting.add(account);
    wake('eim');
  });
  let searchedAt = -Infinity;

  return {
    name: 'eim',
    everyMs: EVERY_MS,
    async turn() {
      if (peers.number === 1 && performance.now() >= searchedAt + SEARCH_EVERY_MS) {
        for (const account of await store.eimOperations.markedAccounts()) waiting.add(account);
        if (!(await pushLeft(context))) searchedAt = performance.now();
      }
      let isBehind = false;
      const accounts = [...waiting];
      for (const account of accounts) {
        // First, since an event may be added meanwhile.
        waiting.delete(account);
        try {
          if ((await store.eimOperations.mark(account)) === undefined) continue;
          const done = await followOrders(account, followed, context);
          if (done !== 'all') waiting.add(account);
          isBehind = done === 'more';
        } catch (error) {
          waiting.add(account);
          throw error;
        }
        if (isBehind) break;
      }
      return isBehind;
    },
  };
}
