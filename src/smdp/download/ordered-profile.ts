// §3.1.3, §5.6.3: finds the profile for a device: by MatchingID, or by EID at the default SM-DP+.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import type { ProfileState, SubscriptionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { endOrder } from './end-order.ts';
import type { Proven } from './session.ts';
import { isHeldFromDownload } from '../profile-state.ts';
import type { Reporter } from './progress.ts';
import type { Effect, Refusal } from './refusal.ts';
import type { ReasonCode, SubjectCode } from '../../rsp/status-codes.ts';
import { expired, refusedByExpiry } from './order-expiry.ts';

/** Download attempts per order; the standard leaves the number to the SM-DP+. */
export const DOWNLOAD_LIMIT = 10;

/** Refers to an order by the operator's identifier (functionCallIdentifier). */
export interface About {
  accountSid: string;
  order: string;
}

/** Undefined if the profile has no order. */
export function aboutOf({ account_sid, ordered_by }: SubscriptionRow): About | undefined {
  return ordered_by === null ? undefined : { accountSid: account_sid, order: ordered_by };
}

const PENDING: readonly ProfileState[] = ['Confirmed', 'Released', 'Downloaded'];

/** The result of a search by MatchingID or EID. */
export interface FoundOrder {
  /** The order that the eUICC may download now, or why there is none. */
  found: OrderedProfile | FunctionExecutionError;
  /** The last order examined. */
  about: About | undefined;
  /** Updates for orders found to have ended. */
  ended: Effect[];
}

/**
 * Finds the order that the eUICC may download now. An ended order does not block others. Refusals: 8.2.6 / 3.8, 8.1.1 / 3.8
 * and the codes of the checks.
 * @param found the profiles of the MatchingID, one unless it was chosen twice, or, without one, of the EID
 */
export function findOrder(
  found: readonly OrderedProfile[],
  matchingId: string,
  eid: string,
  context: Context,
): FoundOrder {
  const ended: Effect[] = [];
  let about: About | undefined;
  let first: FunctionExecutionError | undefined;
  for (const order of found.toSorted((one, other) => compare(one.profile, other.profile, eid))) {
    const { profile } = order;
    about = aboutOf(profile);
    const refusal = refusedByState(profile, eid) ?? refusedByExpiry(profile, context);
    if (refusal === undefined) {
      const tooOften = refusedByAttempts(profile, context);
      if (tooOften === undefined) return { found: order, about, ended };
      // The eUICC has come back for this profile: it is not given another one in its place, but told so, once.
      return { found: tooOften.refused, about, ended: [...ended, tooOften.effect] };
    }
    if (refusal.effect !== undefined) ended.push(refusal.effect);
    first ??= refusal.refused;
  }
  return { found: first ?? noOrder(matchingId), about, ended };
}

/** §5.6.3: no pending order has this MatchingID → 8.2.6 / 3.8, or, without one, is for this EID → 8.1.1 / 3.8 */
function noOrder(matchingId: string): FunctionExecutionError {
  return matchingId === ''
    ? new FunctionExecutionError('8.1.1', '3.8', 'No profile is pending for this EID')
    : new FunctionExecutionError('8.2.6', '3.8', 'No pending order has this MatchingID');
}

/** Of an EID at the default SM-DP+, which may have several. */
export async function findPendingByEid(
  eid: string,
  { orderedProfiles }: Pick<Transaction, 'orderedProfiles'>,
): Promise<OrderedProfile[]> {
  const found = await orderedProfiles.findByEid(eid);
  return found.filter(
    ({ profile }) => profile.matching_id === '' && PENDING.includes(profile.state),
  );
}

/**
 * §3.6.1: of an order without a MatchingID that an SM-DS has announced: the device presents the EventID. Whether the EID is
 * the right one is for `findOrder` to check.
 */
export async function findByEventId(
  eventId: string,
  { orderedProfiles, smdsEvents }: Pick<Transaction, 'orderedProfiles' | 'smdsEvents'>,
): Promise<OrderedProfile[]> {
  const [event] = await smdsEvents.findWanted(eventId);
  if (event === undefined) return [];
  const found = await orderedProfiles.find(event.account_sid, event.iccid);
  return found?.profile.order_number === event.order_number ? [found] : [];
}

/** Profiles that the eUICC has begun come first, latest first; then the others, oldest first. */
function compare(one: SubscriptionRow, other: SubscriptionRow, eid: string): number {
  const rank = rankOf(one, eid);
  if (rank !== rankOf(other, eid)) return rank - rankOf(other, eid);
  const [left, right] =
    rank <= BEGUN
      ? [other.date_updated, one.date_updated]
      : [one.date_released ?? '', other.date_released ?? ''];
  return `${left} ${one.iccid}` < `${right} ${other.iccid}` ? -1 : 1;
}

/** The last rank of profiles that the eUICC has begun. */
const BEGUN = 1;

/**
 * §3.1.3.3: an interrupted eUICC returns for the same profile, whose package stays bound to it until it reports a
 * result. If it reports that the profile is already installed, others come first.
 */
function rankOf(
  { state, eid: bound, euicc_otpk, download_attempts }: SubscriptionRow,
  eid: string,
) {
  if (state === 'Downloaded' && bound === eid && euicc_otpk !== null) return 0;
  if (state === 'Released') return download_attempts > 0 ? BEGUN : 2;
  return state === 'Downloaded' ? 3 : state === 'Confirmed' ? 4 : 5;
}

/** The checks of §5.6.3 on an order, in order. */
export function refusedByState(profile: SubscriptionRow, eid: string): Refusal | undefined {
  // §5.6.3: the order is linked to another EID → 8.1.1 / 3.8
  if (profile.eid !== null && profile.eid.toUpperCase() !== eid) {
    return refuse('8.1.1', '3.8', 'The profile is for another EID');
  }
  // §5.6.3: the order has expired, which has ended it → 8.8.5 / 4.10
  if (profile.ended_reason === 'expired') return { refused: expired() };
  // §5.6.3: too many download attempts have ended the order → 8.8.5 / 6.4
  if (profile.ended_reason === 'downloadAttempts') return { refused: tooMany() };
  // §5.6.3: the order has ended → 8.2.6 / 3.8
  if (!PENDING.includes(profile.state)) {
    return refuse('8.2.6', '3.8', `The order of this MatchingID has ended: ${profile.state}`);
  }
  // §5.6.3: the profile is not released → 8.2 / 1.2
  if (profile.state === 'Confirmed') {
    return refuse('8.2', '1.2', 'The profile is not released yet');
  }
  // §5.6.3: its release is withdrawn, because in a restored past nobody knows who has downloaded it → 8.2 / 1.2
  if (isHeldFromDownload(profile)) {
    return refuse('8.2', '1.2', 'The profile is held back since a backup was restored');
  }
  return undefined;
}

/** §5.6.3: an attempt beyond the limit ends the order → 8.8.5 / 6.4. */
function refusedByAttempts(
  profile: SubscriptionRow,
  reporter: Reporter,
): Required<Refusal> | undefined {
  if (profile.download_attempts < DOWNLOAD_LIMIT) return undefined;
  const refused = tooMany();
  const ended = { point: 'eligibilityAndRetryLimitCheck', failure: refused } as const;
  return {
    refused,
    effect: (unit) => endOrder(profile, 'downloadAttempts', ended, reporter, unit),
  };
}

function refuse(subject: SubjectCode, reason: ReasonCode, message: string): Refusal {
  return { refused: new FunctionExecutionError(subject, reason, message) };
}

function tooMany(): FunctionExecutionError {
  return new FunctionExecutionError(
    '8.8.5',
    '6.4',
    `The download has been attempted ${DOWNLOAD_LIMIT} times`,
  );
}

/** The order for which a session was authenticated; undefined if it was cancelled, whichever order has the profile now. */
export async function findOrderOf(
  proven: Proven,
  { orderedProfiles }: Pick<Transaction, 'orderedProfiles'>,
): Promise<OrderedProfile | undefined> {
  return orderOf(proven, await orderedProfiles.find(proven.accountSid, proven.iccid));
}

/** The profile, if it is still under the order that a session authenticated for, which was not cancelled. */
export function orderOf(
  proven: Proven,
  found: OrderedProfile | undefined,
): OrderedProfile | undefined {
  if (found === undefined || !isOrderOf(proven, found.profile)) return undefined;
  return found.profile.state === 'Unavailable' ? undefined : found;
}

/** The profile that a session was authenticated for, whichever order it is under now. */
export function findProfileOf(
  transactionId: string,
  { orderedProfiles }: Pick<Transaction, 'orderedProfiles'>,
): Promise<OrderedProfile | undefined> {
  return orderedProfiles.findOfSession(transactionId.toUpperCase());
}

/**
 * Whether a profile is still under the order that a session authenticated for. One that was cancelled after its package had
 * left is, since its eUICC may still report about it.
 */
export function isOrderOf(
  { orderedBy, orderNumber }: Proven,
  { ordered_by, order_number }: SubscriptionRow,
): boolean {
  if (ordered_by === null) return false;
  return (
    (orderedBy === undefined || orderedBy === ordered_by) &&
    (orderNumber === undefined || orderNumber === order_number)
  );
}

/** The order of a session, for its log; undefined if an older version did not say. */
export function aboutSession({ accountSid, orderedBy }: Proven): About | undefined {
  return orderedBy === undefined ? undefined : { accountSid, order: orderedBy };
}
