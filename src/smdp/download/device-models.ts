// The models of the devices that came for orders, as they say themselves.
import type { Transaction } from '../../store/store.ts';
import { loggedModel } from './session-log.ts';

/**
 * The TAC of deviceInfo (§4.2) in the last session of each order, as far as there is a log. The eUICC signs it, but gets it
 * from the LPA, so nothing proves it.
 * @param orders SIDs
 */
export async function findDeviceModels(
  accountSid: string,
  orders: readonly string[],
  { rspSessions, rspLog }: Pick<Transaction, 'rspSessions' | 'rspLog'>,
): Promise<Map<string, string>> {
  const models = new Map<string, { sid: string; tac: string }>();
  const learn = (order: string, found: { sid: string; tac: string }) => {
    if (found.sid > (models.get(order)?.sid ?? '')) models.set(order, found);
  };
  for (const session of await rspSessions.loggedOfMany(accountSid, orders)) {
    const found = loggedModel(session);
    if (found !== undefined && session.ordered_by !== null) learn(session.ordered_by, found);
  }
  for (const { esim_profile_sid: order, sid, tac } of await rspLog.models(accountSid, orders)) {
    if (tac !== null) learn(order, { sid, tac });
  }
  return new Map(Array.from(models, ([order, { tac }]) => [order, tac]));
}
