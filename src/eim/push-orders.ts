// Orders that were there before their eUICC was registered, whose events nobody follows any more.
import { considerOrder } from './follow-orders.ts';
import type { FollowContext } from './follow-orders.ts';
import { MOST_WAITING } from './operations/operation.ts';
import type { EuiccRow } from '../store/schema.ts';

/** A registration pushes them itself, once it is stored. Its server is dead if it has not by then. */
const LEFT_MS = 60_000;
/** Looked at in one turn. */
const AT_ONCE = 100;

/** Of one eUICC. */
export function pushOrders(
  { account_sid: accountSid, eid }: Pick<EuiccRow, 'account_sid' | 'eid'>,
  context: FollowContext,
): Promise<void> {
  return pushOrdersOf(accountSid, [eid], context);
}

export async function pushOrdersOf(
  accountSid: string,
  eids: readonly string[],
  context: FollowContext,
): Promise<void> {
  const { store, transact } = context;
  for (const sid of await store.esimProfiles.availableFor(accountSid, eids, MOST_WAITING)) {
    await considerOrder(accountSid, sid, context);
  }
  await transact(({ tables }) => tables.euiccs.ordersLookedAt(accountSid, eids));
}

/** Those that registrations have left, because their server died. @returns whether there may be more */
export async function pushLeft(context: FollowContext): Promise<boolean> {
  const before = new Date(context.now().getTime() - LEFT_MS).toISOString();
  const left = await context.store.euiccs.withOrdersDue(before, AT_ONCE);
  const byAccount = Map.groupBy(left, ({ account_sid: accountSid }) => accountSid);
  for (const [accountSid, euiccs] of byAccount) {
    await pushOrdersOf(
      accountSid,
      euiccs.map(({ eid }) => eid),
      context,
    );
  }
  return left.length === AT_ONCE;
}
