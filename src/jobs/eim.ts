// Makes operations of the eIM from orders for the EIDs of its eUICCs.
import type { FollowContext } from '../eim/follow-orders.ts';
import { followOrders } from '../eim/follow-orders.ts';
import type { SendContext } from '../eim/kept-notifications.ts';
import { sendKept } from '../eim/kept-notifications.ts';
import type { Context } from '../context.ts';
import type { Job } from './job.ts';

/** What another process has written, or left. */
const SEARCH_EVERY_MS = 30_000;
const EVERY_MS = 5_000;

export function eim({
  wake,
  peers,
  ...context
}: FollowContext & SendContext & Pick<Context, 'wake' | 'peers'>): Job {
  const { store } = context;
  /** Accounts with events that may not have been followed. */
  const waiting = new Set<string>();
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
        for (const account of await store.euiccs.accounts()) waiting.add(account);
        searchedAt = performance.now();
      }
      const accounts = [...waiting];
      for (const account of accounts) {
        // First, since an event may be added meanwhile.
        waiting.delete(account);
        try {
          if (!(await store.euiccs.anyOf(account))) continue;
          await followOrders(account, context);
        } catch (error) {
          waiting.add(account);
          throw error;
        }
      }
      return sendKept(context);
    },
  };
}
