// §3.1.6: the states of a profile at the SM-DP+, the steps between them, and the only functions that take them.
import { Conflict } from '../store/errors.ts';
import type { ProfileState, SubscriptionRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { apiDate } from '../values/date.ts';

/** The state that each state may be followed by. */
const NEXT: Record<ProfileState, readonly ProfileState[]> = {
  Available: ['Allocated', 'Linked'],
  // ConfirmOrder may release at once.
  Allocated: ['Confirmed', 'Released', 'Available', 'Unavailable'],
  Linked: ['Confirmed', 'Released', 'Available', 'Unavailable'],
  Confirmed: ['Released', 'Available', 'Unavailable'],
  Released: ['Downloaded', 'Error', 'Available', 'Unavailable'],
  // Again Downloaded: an eUICC that was interrupted comes back, or its profile was bound anew.
  Downloaded: ['Downloaded', 'Installed', 'Error', 'Unavailable'],
  Installed: [],
  Error: ['Available', 'Unavailable'],
  Unavailable: [],
};

/** Columns that belong to the subscription itself and outlive its orders. */
type SubscriptionColumns =
  | 'account_sid'
  | 'iccid'
  | 'imsi'
  | 'msisdn'
  | 'profile_type'
  | 'state'
  | 'secrets'
  | 'date_created'
  | 'date_updated';

/** Columns that belong to one order: every order begins with them as `NO_ORDER` has them. */
export type OrderColumns = Omit<SubscriptionRow, SubscriptionColumns>;

export const NO_ORDER: OrderColumns = {
  eid: null,
  matching_id: null,
  ordered_by: null,
  date_released: null,
  ended_reason: null,
  confirmation_code: null,
  confirmation_code_attempts: 0,
  download_attempts: 0,
  euicc_otpk: null,
  smdp_otsk: null,
};

/** The keys of a binding are of no use once its result is known. */
export const NO_BINDING = { euicc_otpk: null, smdp_otsk: null } satisfies Partial<OrderColumns>;

/** States in which a profile is under no order. */
export const UNORDERED: readonly ProfileState[] = ['Available', 'Unavailable'];

/**
 * Takes a profile from the state that was read to another one. What belonged to its last order goes when a new one
 * begins, and when it is under none any more.
 * Throws `Conflict` when §3.1.6 has no such step, or the profile has left the state that was read.
 */
export async function changeState(
  profile: SubscriptionRow,
  state: ProfileState,
  learned: Partial<OrderColumns>,
  { tables, now }: Unit,
): Promise<SubscriptionRow> {
  if (!NEXT[profile.state].includes(state)) {
    throw new Conflict(`A profile that is ${profile.state} cannot become ${state}`);
  }
  const isOtherOrder = profile.state === 'Available' || UNORDERED.includes(state);
  const changed: SubscriptionRow = {
    ...profile,
    ...(isOtherOrder ? NO_ORDER : {}),
    ...(state === 'Installed' || state === 'Error' ? NO_BINDING : {}),
    ...learned,
    state,
    date_updated: apiDate(now),
  };
  await tables.subscriptions.transition(profile, changed);
  return changed;
}

/** Counts a download that begins. Throws `Conflict` when there were `limit`, or the profile has left its state. */
export function countDownload(
  profile: SubscriptionRow,
  limit: number,
  { tables, now }: Unit,
): Promise<void> {
  return tables.subscriptions.countDownload(profile, limit, apiDate(now));
}

/**
 * Counts a wrong confirmation code.
 * Throws `Conflict` when another one was counted since the profile was read, or the profile has left its state.
 */
export async function countConfirmationCode(
  profile: SubscriptionRow,
  { tables, now }: Unit,
): Promise<SubscriptionRow> {
  await tables.subscriptions.countConfirmationCode(profile, apiDate(now));
  return { ...profile, confirmation_code_attempts: profile.confirmation_code_attempts + 1 };
}
