// §5.3.2 ES2+.ConfirmOrder: sets the matching ID of an ordered profile and, on request, releases it.
import { sealConfirmationCodeDigest } from './confirmation-code.ts';
import { apiDate } from '../../values/date.ts';
import type { Es2PlusRequest, Es2PlusResponse } from '../../es2plus/functions.ts';
import { isMatchingId } from '../../rsp/identifiers.ts';
import type { ProfileState, SubscriptionRow } from '../../store/schema.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import { newMatchingId } from '../new-matching-id.ts';
import { changeState, isHeldFromDownload } from '../profile-state.ts';
import { formatSmdsAddresses, parseSmdsAddress } from '../smds/smds-address.ts';
import type { SmdsAddress } from '../smds/smds-address.ts';
import type { OrderContext } from './order-context.ts';
import { getOrdered } from './order-context.ts';
import { isRepeated, remembering } from './repetition.ts';

export async function confirmOrder(
  request: Es2PlusRequest<'confirmOrder'>,
  context: OrderContext,
): Promise<Es2PlusResponse<'confirmOrder'>> {
  const profile = await getOrdered(request.iccid, context);
  // A repeated call, after its response was lost, gets the same response.
  if (isConfirmedBy(profile, request, context)) return answer(profile);
  if (profile.state !== 'Allocated' && profile.state !== 'Linked') {
    // §5.3.2: the profile is not ordered → 8.2.1 / 3.3
    throw new FunctionExecutionError('8.2.1', '3.3', `ICCID ${profile.iccid} is ${profile.state}`);
  }
  if (isHeldFromDownload(profile) && request.eid !== undefined) {
    // §5.3.2: another eUICC may have it since a backup was restored → 8.2.1 / 3.3
    throw new FunctionExecutionError(
      '8.2.1',
      '3.3',
      `ICCID ${profile.iccid} is held back since a backup was restored`,
    );
  }
  if (profile.eid !== null && request.eid !== undefined && profile.eid !== request.eid) {
    // §5.3.2: the profile is linked to another EID → 8.1.1 / 3.10
    throw new FunctionExecutionError('8.1.1', '3.10', 'The profile is linked to another EID');
  }
  const eid = request.eid ?? profile.eid;
  if (request.smdsAddress !== undefined && eid === null) {
    // §5.3.2: an event at an SM-DS is for an EID → 8.1.1 / 2.2
    throw new FunctionExecutionError('8.1.1', '2.2', 'An order at an SM-DS needs an EID');
  }
  if (request.matchingId === '' && eid === null) {
    // §5.3.2: with an empty MatchingID, the profile can be found only by an EID → 8.1.1 / 2.2
    throw new FunctionExecutionError('8.1.1', '2.2', 'An empty MatchingID needs an EID');
  }
  const { unit } = context;
  if (!isMatchingId(request.matchingId ?? '', context.testMatchingIds)) {
    // §4.1.1: not a MatchingID → 8.2.6 / 2.1
    throw new FunctionExecutionError(
      '8.2.6',
      '2.1',
      'matchingId has upper-case letters, digits and -',
    );
  }
  if (request.matchingId !== undefined && request.matchingId !== '') {
    await checkUnused(request.matchingId, context);
  }
  const now = apiDate(unit.now);
  const smds = smdsOf(request, context);
  const learned = {
    eid,
    smds: eid === null || smds.length === 0 ? null : formatSmdsAddresses(smds),
    matching_id: request.matchingId ?? newMatchingId(),
    confirmation_code:
      request.confirmationCode === undefined
        ? null
        : sealConfirmationCodeDigest(
            request.confirmationCode,
            context.accountSid,
            profile.iccid,
            context.masterKey,
          ),
    // Not before the last order ended, even if that was by a unit that began later.
    date_released: request.releaseFlag
      ? now > profile.date_updated
        ? now
        : profile.date_updated
      : null,
    ...remembering(profile, 'confirmOrder', request, context),
  };
  const state = request.releaseFlag ? 'Released' : 'Confirmed';
  return answer(await changeState(profile, state, learned, unit));

  function answer(row: {
    matching_id: string | null;
    eid: string | null;
  }): Es2PlusResponse<'confirmOrder'> {
    return {
      matchingId: row.matching_id ?? '',
      ...(row.eid === null ? {} : { eid: row.eid }),
      smdpAddress: context.smdpAddress,
    };
  }
}

function isConfirmedBy(
  profile: SubscriptionRow,
  request: Es2PlusRequest<'confirmOrder'>,
  context: OrderContext,
): boolean {
  const { state, ordered_by: orderedBy } = profile;
  if (context.operatorSid === undefined) {
    const isConfirmed = state === 'Confirmed' || state === 'Released';
    return isConfirmed && orderedBy === request.header.functionCallIdentifier;
  }
  return CONFIRMED.includes(state) && isRepeated(profile, 'confirmOrder', request, context);
}

/** States of an order that was confirmed, and goes on. */
const CONFIRMED: readonly ProfileState[] = ['Confirmed', 'Released', 'Downloaded', 'Installed'];

/** §5.3.2: another order has this MatchingID → 8.2.6 / 3.3 */
async function checkUnused(matchingId: string, { unit, accountSid }: OrderContext): Promise<void> {
  if (
    await unit.tables.subscriptions.claimMatchingId(matchingId, accountSid, unit.now.toISOString())
  )
    return;
  throw new FunctionExecutionError('8.2.6', '3.3', 'Another order has this MatchingID');
}

/** Where the order is announced: at the SM-DS that the operator names, or where its orders are by default. */
function smdsOf(
  { smdsAddress }: Es2PlusRequest<'confirmOrder'>,
  { smds = { always: [], known: [] } }: OrderContext,
): readonly SmdsAddress[] {
  if (smdsAddress === undefined) return smds.always;
  const parsed = parseSmdsAddress(smdsAddress);
  // §5.3.2: nothing can be reached there → 8.9 / 5.1
  if (parsed === undefined)
    throw new FunctionExecutionError('8.9', '5.1', `${smdsAddress} is none`);
  return [smds.known.find(({ address }) => address === parsed.address) ?? parsed];
}
