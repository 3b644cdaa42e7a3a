// The context of the ES2+ functions of the built-in SM-DP+.
import type { Es2PlusRequest } from '../../es2plus/functions.ts';
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

/** The functions work on the profiles of one account, within one transaction. */
export interface OrderContext {
  accountSid: string;
  /** The operator that calls over ES2+; without one, the account itself does, through its API. */
  operatorSid?: string;
  smdpAddress: string;
  /** Whether matching IDs may be those of test suites. */
  testMatchingIds?: boolean;
  masterKey: MasterKey;
  /** By default, orders are announced only where the operator says. */
  smds?: SmdsOfOrders;
  unit: Unit;
}

/**
 * How a call is known, and as `ordered_by` the order that a DownloadOrder begins: the call identifiers of one caller say nothing
 * about the calls of another.
 */
export function callIdentifier(
  { header }: Pick<Es2PlusRequest<'downloadOrder'>, 'header'>,
  { operatorSid }: OrderContext,
): string {
  const { functionCallIdentifier } = header;
  return operatorSid === undefined
    ? functionCallIdentifier
    : `${operatorSid}/${functionCallIdentifier}`;
}

/** §5.3: the profile named in a request. Throws 8.2.1 / 3.9, and 8.2.1 / 1.2. */
export async function getOrdered(iccid: string, context: OrderContext): Promise<SubscriptionRow> {
  const profile = await context.unit.tables.subscriptions.find(context.accountSid, iccid);
  if (profile === undefined) {
    // §5.3: the profile is unknown, or is that of another account → 8.2.1 / 3.9
    throw new FunctionExecutionError('8.2.1', '3.9', `ICCID ${iccid} is unknown`);
  }
  if (profile.ordered_by !== null && profile.operator_sid !== (context.operatorSid ?? null)) {
    // §5.3: another caller has ordered the profile → 8.2.1 / 1.2
    throw new FunctionExecutionError('8.2.1', '1.2', `ICCID ${iccid} is under another's order`);
  }
  return profile;
}
