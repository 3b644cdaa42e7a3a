// The context of the ES2+ functions of the built-in SM-DP+.
import type { MasterKey } from '../../process/keys.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';

/** The functions work on the profiles of one operator, within one transaction. */
export interface OrderContext {
  accountSid: string;
  smdpAddress: string;
  masterKey: MasterKey;
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
