// §5.3.3 ES2+.CancelOrder: ends an order; its profile returns to stock or is never used again.
import type { ProfileState } from '../../store/schema.ts';
import type { Es2PlusRequest } from '../../es2plus/functions.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { changeState, mayBeOnEuicc } from '../profile-state.ts';
import type { OrderContext } from './order-context.ts';
import { getOrdered } from './order-context.ts';
import { isLinked, isOfOrderBefore, isRepeated, remembering } from './repetition.ts';

/** States with an order that can end. One that is installed ends only when the eUICC has deleted the profile. */
const CANCELLABLE: readonly ProfileState[] = [
  'Allocated',
  'Linked',
  'Confirmed',
  'Released',
  'Downloaded',
  'Error',
];

export async function cancelOrder(
  request: Es2PlusRequest<'cancelOrder'>,
  context: OrderContext,
): Promise<void> {
  const profile = await getOrdered(request.iccid, context);
  const final = request.finalProfileStatusIndicator;
  // A repeated call, after its response was lost, gets the same response.
  if (profile.state === final && isRepeated(profile, 'cancelOrder', request, context)) return;
  const isDeleted = profile.state === 'Installed' && profile.known_absent === 1;
  // A profile that may be on an eUICC never returns to stock.
  const isSafe = final === 'Unavailable' || !mayBeOnEuicc(profile);
  if (!isSafe || !(CANCELLABLE.includes(profile.state) || isDeleted)) {
    // §5.3.3: the profile is in use → 8.2.1 / 3.3
    throw new FunctionExecutionError(
      '8.2.1',
      '3.3',
      `ICCID ${profile.iccid} is ${profile.state} and cannot become ${final}`,
    );
  }
  if (isOfOrderBefore(profile, request, context)) {
    // §5.3.3: a late repetition of the call that ended the order before does not end this one → 8.2.1 / 3.3
    throw new FunctionExecutionError(
      '8.2.1',
      '3.3',
      `This call has ended an order of ICCID ${profile.iccid} before, and this order is another one: it needs a new functionCallIdentifier`,
    );
  }
  const isOther = request.eid !== undefined && request.eid !== profile.eid;
  if (isOther || (request.eid === undefined && isLinked(profile, context))) {
    // §5.3.3: the order is for another EID, or for one, and none is given → 8.2.1 / 3.10
    const problem = isOther ? 'for another EID' : 'for an EID, which is needed';
    throw new FunctionExecutionError('8.2.1', '3.10', `The order is ${problem}`);
  }
  if (request.matchingId !== undefined && request.matchingId !== profile.matching_id) {
    // §5.3.3: the order has another MatchingID → 8.2.6 / 3.10
    throw new FunctionExecutionError('8.2.6', '3.10', 'The order has another MatchingID');
  }
  const learned = remembering(profile, 'cancelOrder', request, context);
  await changeState(profile, final, learned, context.unit);
}
