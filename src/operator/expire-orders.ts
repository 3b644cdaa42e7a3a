// Ends orders that nobody has downloaded by their `ExpiresAt`.
import type { Context } from '../context.ts';
import { allEnded } from '../store/together.ts';
import { apiDate } from '../values/date.ts';
import { cancelOrder, EXPIRED } from './cancel-order.ts';
import { SmdpRefused } from './order-at-smdp.ts';
import { ChangeRefused } from './order-change.ts';
import { runAgain } from '../store/run-again.ts';
import { mustWait } from './rented/rented-errors.ts';

/**
 * Ends up to `limit` orders, first to expire first, each in a unit of its own, so that whatever else happens to one of them
 * does not hold up the others. Other nodes may do the same at the same time: one of them ends it.
 * @returns how many were ended
 */
export async function expireOrders(
  context: Pick<Context, 'store' | 'transact' | 'now' | 'smdp' | 'log'>,
  limit: number,
): Promise<number> {
  const { store, now } = context;
  const over = await store.esimProfiles.listExpired(apiDate(now()), limit);
  const ended = await allEnded(
    over.map(({ account_sid, sid }) => runAgain(() => expire(account_sid, sid, context))),
  );
  return ended.filter(Boolean).length;
}

async function expire(
  accountSid: string,
  sid: string,
  { transact, smdp, log }: Pick<Context, 'transact' | 'smdp' | 'log'>,
): Promise<boolean> {
  return transact(async (unit) => {
    const row = await unit.tables.esimProfiles.find(accountSid, sid);
    // Its date may have been changed since it was found.
    if (row?.expires_at == null || row.expires_at > apiDate(unit.now)) return false;
    const cause = { cause: 'expired', detail: `not downloaded by ${row.expires_at}` };
    await cancelOrder(row, 'Available', EXPIRED, cause, { smdp }, unit);
    return true;
  }).catch((error: unknown) => {
    // Another node has ended it, or a device has downloaded it.
    if (error instanceof ChangeRefused || mustWait(error)) return false;
    if (!(error instanceof SmdpRefused)) throw error;
    log.warn({ profile: sid, reason: error.message }, 'an expired order was not cancelled');
    return false;
  });
}
