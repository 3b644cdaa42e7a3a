// The context of the ES2+ functions of the built-in SM-DP+.
import type { MasterKey } from '../../process/keys.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import type { SmdsAddress } from '../smds/smds-address.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';

export interface SmdsOfOrders {
  /** Where each order for an EID is announced that names no SM-DS. */
  always: readonly SmdsAddress[];
  /** Those that are known, and whether they forward events. */
  known: readonly SmdsAddress[];
}

/** Of orders of the accounts of this server, by its setting. */
export const ofAccounts = (smds: readonly SmdsAddress[]): SmdsOfOrders => ({
  always: smds,
  known: smds,
});

/** Of orders by operators over ES2+, who say themselves where they are announced. */
export const ofOperators = (smds: readonly SmdsAddress[]): SmdsOfOrders => ({
  always: [],
  known: smds,
});

/** The functions work on the profiles of one operator, within one transaction. */
export interface OrderContext {
  accountSid: string;
  smdpAddress: string;
  masterKey: MasterKey;
  /** By default, orders are announced only where the operator says. */
  smds?: SmdsOfOrders;
  unit: Unit;
}

/** §5.3: the profile named in a request. Throws 8.2.1 / 3.9. */
export async function getOrdered(iccid: string, context: OrderContext): Promise<SubscriptionRow> {
  const profile = await context.unit.tables.subscriptions.find(context.accountSid, iccid);
  if (profile === undefined) {
    throw new FunctionExecutionError('8.2.1', '3.9', `ICCID ${iccid} is unknown`);
  }
  return profile;
}
