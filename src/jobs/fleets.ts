// Carries out bulk operations of the eIM. Orders and callbacks are the operator's side, which the eIM does not know.
import type { Context } from '../context.ts';
import type { Eim } from '../eim/eim.ts';
import { runBulks } from '../eim/fleet/run-bulk.ts';
import type { BulkContext } from '../eim/fleet/run-bulk.ts';
import { enqueueBulkCallback } from '../operator/callback.ts';
import { placeOrder } from '../operator/placeOrder.ts';
import type { CheckedOrder } from '../operator/placeOrder.ts';
import type { BulkKey } from '../store/bulk-operations.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

type FleetContext = Pick<Context, 'store' | 'transact' | 'log' | 'now' | 'masterKey'>;

export const bulkContext = (context: FleetContext): BulkContext => ({
  store: context.store,
  transact: context.transact,
  log: context.log,
  now: context.now,
  async placeOrder(bulk, { eid, item, profileType, friendlyName, metadata }, unit) {
    const order = {
      accountSid: bulk.account_sid,
      eid,
      generateMatchingId: true,
      profileType,
      friendlyName,
      metadata,
      requestId: bulk.request_id ?? undefined,
      cause: {
        cause: 'ordered in a bulk operation',
        detail: `${bulk.sid}, item ${item}; ${bulk.placed_by}`,
      },
      // Checked when the bulk operation was made.
    } as CheckedOrder;
    const { sid } = await placeOrder(order, context.masterKey, unit);
    return sid;
  },
  tell: enqueueBulkCallback,
});

export function fleets(context: FleetContext & { eim: Eim }): Job {
  /** Those of which something was handed out, so that there may be results soon. */
  const handedOut = new Map<string, BulkKey>();
  context.eim.handedOut = (key) => handedOut.set(key.sid, key);
  const rules = bulkContext(context);
  return {
    name: 'fleets',
    everyMs: LOOK_MS,
    async turn() {
      const asked = [...handedOut.values()];
      handedOut.clear();
      return runBulks(rules, asked);
    },
  };
}
