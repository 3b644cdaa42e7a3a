// §5.3.1 ES2+.DownloadOrder: takes a profile out of stock, for an EID or for any eUICC.
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Es2PlusRequest, Es2PlusResponse } from '../../es2plus/functions.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { changeState } from '../profile-state.ts';
import type { OrderContext } from './order-context.ts';
import { getOrdered } from './order-context.ts';

export async function downloadOrder(
  request: Es2PlusRequest<'downloadOrder'>,
  context: OrderContext,
): Promise<Es2PlusResponse<'downloadOrder'>> {
  const { subscriptions } = context.unit.tables;
  const orderedBy = request.header.functionCallIdentifier;

  // A repeated call, after its response was lost, gets the same profile.
  const ordered = await subscriptions.findByOrder(context.accountSid, orderedBy);
  if (ordered !== undefined) return answerWith(ordered);

  const profile = request.iccid
    ? await getInStock(request.iccid, context)
    : await claimInStock(request.profileType, context);
  await changeState(
    profile,
    request.eid === undefined ? 'Allocated' : 'Linked',
    { eid: request.eid ?? null, ordered_by: orderedBy },
    context.unit,
  );
  return answerWith(profile);
}

const answerWith = ({ iccid, profile_type: profileType }: SubscriptionRow) => ({
  iccid,
  profileType,
});

async function getInStock(iccid: string, context: OrderContext): Promise<SubscriptionRow> {
  const profile = await getOrdered(iccid, context);
  if (profile.state !== 'Available') {
    // §5.3.1: the profile is no longer available → 8.2.1 / 3.3
    throw new FunctionExecutionError('8.2.1', '3.3', `ICCID ${iccid} is ${profile.state}`);
  }
  return profile;
}

async function claimInStock(
  profileType: string | undefined,
  context: OrderContext,
): Promise<SubscriptionRow> {
  const profile = await context.unit.tables.subscriptions.claimAvailable(
    context.accountSid,
    profileType ?? null,
  );
  if (profile === undefined) {
    // §5.3.1: no more profile of this type → 8.2.5 / 3.7
    const what = profileType === undefined ? 'profile' : `profile of type '${profileType}'`;
    throw new FunctionExecutionError('8.2.5', '3.7', `No ${what} is left in stock`);
  }
  return profile;
}
