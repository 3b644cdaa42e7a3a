// §5.3.1 ES2+.DownloadOrder: takes a profile out of stock, for an EID or for any eUICC.
import type { ProfileState, SubscriptionRow } from '../../store/schema.ts';
import type { Es2PlusRequest, Es2PlusResponse } from '../../es2plus/functions.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { changeState } from '../profile-state.ts';
import type { OrderContext } from './order-context.ts';
import { callIdentifier, getOrdered } from './order-context.ts';
import { isRepeated, remembering } from './repetition.ts';

type Request = Es2PlusRequest<'downloadOrder'>;
type Response = Es2PlusResponse<'downloadOrder'>;

export async function downloadOrder(request: Request, context: OrderContext): Promise<Response> {
  const { subscriptions } = context.unit.tables;
  const orderedBy = callIdentifier(request, context);

  // A repeated call, after its response was lost, gets the same profile.
  const ordered = await subscriptions.findByOrder(context.accountSid, orderedBy);
  if (ordered !== undefined) return answerAgain(ordered, request, context);

  const known = request.iccid === undefined ? undefined : await getOrdered(request.iccid, context);
  if (known !== undefined) checkType(known, request);
  if (known !== undefined && known.state !== 'Available') {
    return answerAgain(known, request, context);
  }
  const profile = known ?? (await claimInStock(request.profileType, context));
  await changeState(
    profile,
    request.eid === undefined ? 'Allocated' : 'Linked',
    {
      eid: request.eid ?? null,
      ordered_by: orderedBy,
      operator_sid: context.operatorSid ?? null,
      ...remembering(profile, 'downloadOrder', request, context),
    },
    context.unit,
  );
  return answerWith(profile);
}

const answerWith = ({ iccid, profile_type: profileType }: SubscriptionRow) => ({
  iccid,
  profileType,
});

/** States of an order that goes on. */
const GOING_ON: readonly ProfileState[] = [
  'Allocated',
  'Linked',
  'Confirmed',
  'Released',
  'Downloaded',
  'Installed',
];

function answerAgain(profile: SubscriptionRow, request: Request, context: OrderContext): Response {
  const { iccid, state, eid } = profile;
  const isSame =
    context.operatorSid === undefined
      ? profile.ordered_by === callIdentifier(request, context)
      : GOING_ON.includes(state) && isRepeated(profile, 'downloadOrder', request, context);
  if (isSame) return answerWith(profile);
  if (state === 'Linked' && request.eid !== undefined && request.eid !== eid) {
    // §5.3.1: the profile is linked to another EID → 8.1.1 / 3.10
    throw new FunctionExecutionError('8.1.1', '3.10', 'The profile is linked to another EID');
  }
  // §5.3.1: the profile is no longer available → 8.2.1 / 3.3
  throw new FunctionExecutionError('8.2.1', '3.3', `ICCID ${iccid} is ${state}`);
}

function checkType({ iccid, profile_type: type }: SubscriptionRow, { profileType }: Request): void {
  if (profileType === undefined || profileType === type) return;
  // §5.3.1: the profile is of another type → 8.2.5 / 3.8
  throw new FunctionExecutionError('8.2.5', '3.8', `ICCID ${iccid} is not of this profile type`);
}

async function claimInStock(
  profileType: string | undefined,
  { accountSid, operatorSid, unit }: OrderContext,
): Promise<SubscriptionRow> {
  const { subscriptions, stock } = unit.tables;
  if (operatorSid !== undefined && profileType === undefined) {
    // §5.3.1: neither an ICCID nor a profile type → 1.6 / 2.3
    throw new FunctionExecutionError('1.6', '2.3', 'iccid or profileType is needed', 'profileType');
  }
  const profile = await subscriptions.claimAvailable(accountSid, profileType ?? null);
  if (profile !== undefined) return profile;
  const isUnknown = operatorSid !== undefined && !(await stock.hasType(accountSid, profileType!));
  if (isUnknown) {
    // §5.3.1: there never was a profile of this type → 8.2.5 / 3.9
    throw new FunctionExecutionError('8.2.5', '3.9', `Profile type '${profileType}' is unknown`);
  }
  // §5.3.1: no more profile of this type → 8.2.5 / 3.7
  const what = profileType === undefined ? 'profile' : `profile of type '${profileType}'`;
  throw new FunctionExecutionError('8.2.5', '3.7', `No ${what} is left in stock`);
}
