// §3.1.6: the states of a profile at the SM-DP+, their transitions, and the only functions that perform them.
import { Conflict } from '../store/errors.ts';
import type { ProfileState, SubscriptionRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { apiDate } from '../values/date.ts';

/** The states that may follow each state. */
const NEXT: Record<ProfileState, readonly ProfileState[]> = {
  Available: ['Allocated', 'Linked'],
  // ConfirmOrder may release at once.
  Allocated: ['Confirmed', 'Released', 'Available', 'Unavailable'],
  Linked: ['Confirmed', 'Released', 'Available', 'Unavailable'],
  Confirmed: ['Released', 'Available', 'Unavailable'],
  Released: ['Downloaded', 'Error', 'Available', 'Unavailable'],
  // Downloaded again: an interrupted eUICC returns, or its profile is bound again.
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

/** Columns that belong to one order; each order starts with the values of `NO_ORDER`. */
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

/** Clears the keys of a binding, which are useless once its result is known. */
export const NO_BINDING = { euicc_otpk: null, smdp_otsk: null } satisfies Partial<OrderColumns>;

/** States without an order. */
export const UNORDERED: readonly ProfileState[] = ['Available', 'Unavailable'];

/**
 * Changes the state of a profile from the one that was read. Clears the data of the last order when a new one begins,
 * and when the profile has no order anymore. Throws `Conflict` if §3.1.6 does not allow the transition, or the
 * profile is no longer in the state that was read.
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

/**
 * Counts the start of a download. Throws `Conflict` if `limit` is reached, or the profile is no longer in the state
 * that was read.
 */
export function countDownload(
  profile: SubscriptionRow,
  limit: number,
  { tables, now }: Unit,
): Promise<void> {
  return tables.subscriptions.countDownload(profile, limit, apiDate(now));
}

/**
 * Counts a wrong confirmation code. Throws `Conflict` if another one was counted since the profile was read, or its
 * state has changed.
 */
export async function countConfirmationCode(
  profile: SubscriptionRow,
  { tables, now }: Unit,
): Promise<SubscriptionRow> {
  await tables.subscriptions.countConfirmationCode(profile, apiDate(now));
  return { ...profile, confirmation_code_attempts: profile.confirmation_code_attempts + 1 };
}
