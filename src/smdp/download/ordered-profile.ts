// §3.1.3, §5.6.3: which profile a device may download: by MatchingID, or by EID at the default SM-DP+.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { OrderedProfile } from '../../store/ordered-profiles.ts';
import type { ProfileState, SubscriptionRow } from '../../store/schema.ts';
import type { Store, Transaction } from '../../store/store.ts';
import { endOrder } from './end-order.ts';
import type { Reporter } from './progress.ts';
import type { Effect, Refusal } from './refusal.ts';
import type { ReasonCode, SubjectCode } from '../../rsp/status-codes.ts';
import { expired, refusedByExpiry } from './order-expiry.ts';

/** Downloads that an order allows; the standard leaves the number to the SM-DP+. */
export const DOWNLOAD_LIMIT = 10;

/** The order that something is about, by the name that the operator gave it (functionCallIdentifier). */
export interface About {
  accountSid: string;
  order: string;
}

/** undefined: the profile is under no order. */
export function aboutOf({ account_sid, ordered_by }: SubscriptionRow): About | undefined {
  return ordered_by === null ? undefined : { accountSid: account_sid, order: ordered_by };
}

const PENDING: readonly ProfileState[] = ['Confirmed', 'Released', 'Downloaded'];

/** What is found for a MatchingID or an EID. */
export interface FoundOrder {
  /** The order that the eUICC may have now; otherwise why there is none. */
  found: OrderedProfile | FunctionExecutionError;
  /** The order that was looked at last. */
  about: About | undefined;
  /** Orders that turned out to have ended, to be written. */
  ended: Effect[];
}

/**
 * The order of a MatchingID, or of an EID when there is none, that the eUICC may have now. One that turns out to
 * have ended does not stand before another that waits.
 * Refused with 8.2.6 / 3.8 and the codes of the checks.
 */
export async function findOrder(
  matchingId: string,
  eid: string,
  context: Context,
): Promise<FoundOrder> {
  const ended: Effect[] = [];
  let about: About | undefined;
  let first: FunctionExecutionError | undefined;
  for (const order of await findOrderedProfiles(matchingId, eid, context.store)) {
    const { profile } = order;
    about = aboutOf(profile);
    const refusal =
      refusedByState(profile, eid) ??
      refusedByExpiry(profile, context) ??
      refusedByAttempts(profile, context);
    if (refusal === undefined) return { found: order, about, ended };
    if (refusal.effect !== undefined) ended.push(refusal.effect);
    first ??= refusal.refused;
  }
  return { found: first ?? noOrder(matchingId), about, ended };
}

/** §5.6.3: no pending order has this MatchingID → 8.2.6 / 3.8 */
function noOrder(matchingId: string): FunctionExecutionError {
  return new FunctionExecutionError(
    '8.2.6',
    '3.8',
    matchingId === ''
      ? 'No profile waits for this EID'
      : 'The MatchingID is not that of a pending order',
  );
}

/** By MatchingID there is one, unless somebody chose it twice; an EID may have several. */
async function findOrderedProfiles(
  matchingId: string,
  eid: string,
  { orderedProfiles }: Store,
): Promise<OrderedProfile[]> {
  const found =
    matchingId === ''
      ? (await orderedProfiles.findByEid(eid)).filter(
          ({ profile }) => profile.matching_id === '' && PENDING.includes(profile.state),
        )
      : await orderedProfiles.findByMatchingId(matchingId);
  return found.toSorted((one, other) => compare(one.profile, other.profile, eid));
}

/** What the eUICC was at comes first, the latest before others; then what has waited the longest. */
function compare(one: SubscriptionRow, other: SubscriptionRow, eid: string): number {
  const rank = rankOf(one, eid);
  if (rank !== rankOf(other, eid)) return rank - rankOf(other, eid);
  const [left, right] =
    rank <= BEGUN
      ? [other.date_updated, one.date_updated]
      : [one.date_released ?? '', other.date_released ?? ''];
  return `${left} ${one.iccid}` < `${right} ${other.iccid}` ? -1 : 1;
}

/** The last of the ranks of profiles that the eUICC was at. */
const BEGUN = 1;

/**
 * §3.1.3.3: an eUICC that was interrupted comes for the same profile again: its package lies bound to the eUICC
 * until it reports a result. When that was that the profile is there already, others come first.
 */
function rankOf(
  { state, eid: bound, euicc_otpk, download_attempts }: SubscriptionRow,
  eid: string,
) {
  if (state === 'Downloaded' && bound === eid && euicc_otpk !== null) return 0;
  if (state === 'Released') return download_attempts > 0 ? BEGUN : 2;
  return state === 'Downloaded' ? 3 : state === 'Confirmed' ? 4 : 5;
}

/** The checks of §5.6.3 on an order, in their order. */
export function refusedByState(profile: SubscriptionRow, eid: string): Refusal | undefined {
  // §5.6.3: the order is linked to another EID → 8.1.1 / 3.8
  if (profile.eid !== null && profile.eid.toUpperCase() !== eid) {
    return refuse('8.1.1', '3.8', 'The profile is for another EID');
  }
  // §5.6.3: the order has expired, which has ended it → 8.8.5 / 4.10
  if (profile.ended_reason === 'expired') return { refused: expired() };
  // §5.6.3: the download was tried too often, which has ended the order → 8.8.5 / 6.4
  if (profile.ended_reason === 'downloadAttempts') return { refused: tooMany() };
  // §5.6.3: the order has ended → 8.2.6 / 3.8
  if (!PENDING.includes(profile.state)) {
    return refuse('8.2.6', '3.8', `The order of this MatchingID has ended: ${profile.state}`);
  }
  // §5.6.3: the profile is not released → 8.2 / 1.2
  if (profile.state === 'Confirmed') {
    return refuse('8.2', '1.2', 'The profile is not released yet');
  }
  return undefined;
}

/** §5.6.3: one attempt more than the order allows ends it → 8.8.5 / 6.4. */
function refusedByAttempts(profile: SubscriptionRow, reporter: Reporter): Refusal | undefined {
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
    `The download was tried ${DOWNLOAD_LIMIT} times`,
  );
}

/** The order that a profile is under; undefined when it is under none any more. */
export async function findOrderOfProfile(
  accountSid: string,
  iccid: string,
  { orderedProfiles }: Pick<Transaction, 'orderedProfiles'>,
): Promise<OrderedProfile | undefined> {
  const found = await orderedProfiles.find(accountSid, iccid);
  return found?.profile.ordered_by == null ? undefined : found;
}
