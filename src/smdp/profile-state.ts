// §3.1.6: the states of a profile at the SM-DP+, their transitions, and the only functions that perform them.
import { Conflict } from '../store/errors.ts';
import type { ProfileState, SubscriptionRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { apiDate } from '../values/date.ts';
import { announceChange } from './smds/announcement.ts';

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
  // Deleted by its eUICC.
  Installed: ['Available', 'Unavailable'],
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
  | 'order_number'
  | 'secrets'
  | 'held_since'
  | 'requests'
  | 'date_created'
  | 'date_updated';

/** Columns that belong to one order; each order starts with the values of `NO_ORDER`. */
export type OrderColumns = Omit<SubscriptionRow, SubscriptionColumns>;

export const NO_ORDER: OrderColumns = {
  eid: null,
  matching_id: null,
  ordered_by: null,
  smds: null,
  operator_sid: null,
  date_released: null,
  ended_reason: null,
  known_absent: 0,
  confirmation_code: null,
  confirmation_code_attempts: 0,
  download_attempts: 0,
  euicc_otpk: null,
  smdp_otsk: null,
};

/** Clears the keys of a binding, which are useless once its result is known. */
export const NO_BINDING = { euicc_otpk: null, smdp_otsk: null } satisfies Partial<OrderColumns>;

/** States without an order, except that of a profile that an eUICC may have. */
export const UNORDERED: readonly ProfileState[] = ['Available', 'Unavailable'];

/** States in which no package can be bound again. */
const UNBOUND: readonly ProfileState[] = ['Installed', 'Error', 'Unavailable'];

/** States of a profile whose package has been sent to an eUICC, unless it is known to be absent from there. */
const SENT: readonly ProfileState[] = ['Downloaded', 'Installed', 'Error'];

/** Whether an eUICC may have the profile, or get it from a package that was sent. */
export function mayBeOnEuicc({ state, known_absent }: SubscriptionRow): boolean {
  return SENT.includes(state) && known_absent === 0;
}

/**
 * Changes the state of a profile from the one that was read. Clears the data of the last order when a new one begins,
 * and when the profile has no order anymore: unless an eUICC may have it, which may still report about it. Throws
 * `Conflict` if §3.1.6 does not allow the transition, or the profile is no longer in the state that was read.
 */
export async function changeState(
  profile: SubscriptionRow,
  state: ProfileState,
  learned: Partial<OrderColumns & Pick<SubscriptionRow, 'requests'>>,
  unit: Unit,
): Promise<SubscriptionRow> {
  if (!NEXT[profile.state].includes(state)) {
    throw new Conflict(`A profile that is ${profile.state} cannot become ${state}`);
  }
  // What was held back under its order does not return to stock with the end of it.
  if (profile.held_since !== null && state === 'Available') {
    return endHeld(profile, learned, unit);
  }
  const isNewOrder = profile.state === 'Available';
  const isKept = state === 'Unavailable' && mayBeOnEuicc(profile);
  const date = apiDate(unit.now);
  const changed: SubscriptionRow = {
    ...profile,
    ...(isNewOrder ? { requests: null } : {}),
    ...(isNewOrder || (UNORDERED.includes(state) && !isKept) ? NO_ORDER : {}),
    ...(UNBOUND.includes(state) ? NO_BINDING : {}),
    ...(isKept ? { ended_reason: null } : {}),
    ...learned,
    // A profile that ends as unavailable is safe; any other end may be followed by a new order.
    held_since: state === 'Unavailable' ? null : profile.held_since,
    state,
    order_number: profile.order_number + (isNewOrder ? 1 : 0),
    // What happens under an order is not dated before it began, whichever unit began first.
    date_updated: date > profile.date_updated ? date : profile.date_updated,
  };
  await unit.tables.subscriptions.transition(profile, changed);
  await announceChange(profile, changed, unit);
  return changed;
}

async function endHeld(
  profile: SubscriptionRow,
  learned: Partial<OrderColumns & Pick<SubscriptionRow, 'requests'>>,
  unit: Unit,
): Promise<SubscriptionRow> {
  const ended = { ...profile, held_since: null };
  const { held_since } = profile;
  const changed = await changeState(ended, 'Unavailable', learned, unit);
  await unit.tables.subscriptions.transition(changed, { ...changed, held_since });
  return { ...changed, held_since };
}

/** States of orders that may be downloaded, or whose subscription may return to stock. */
const UNSETTLED: readonly ProfileState[] = [
  'Allocated',
  'Linked',
  'Confirmed',
  'Released',
  'Installed',
  'Error',
];

const isUnsettled = (profile: SubscriptionRow) =>
  UNSETTLED.includes(profile.state) && !mayBeOnEuicc(profile);

/**
 * Holds back what may have been given out after the time of a restored past: subscriptions in stock, and orders that may since
 * have been downloaded, or have ended so that their subscription was given to another. Looks at up to `limit` subscriptions
 * behind an ICCID.
 * @returns how many are held back, and how far it got; undefined: to the end
 */
export async function holdBack(
  accountSid: string,
  { after, since, limit }: { after: string; since: string; limit: number },
  { tables, now }: Unit,
): Promise<{ held: number; last: string | undefined }> {
  const { subscriptions, heldSubscriptions } = tables;
  const rows = await subscriptions.list(accountSid, { after, limit });
  const free = rows.filter(({ held_since }) => held_since === null);
  const iccidsOf = (some: typeof rows) => some.map(({ iccid }) => iccid);
  const inStock = iccidsOf(free.filter(({ state }) => state === 'Available'));
  const ordered = iccidsOf(free.filter(isUnsettled));
  const date = apiDate(now);
  await heldSubscriptions.hold(
    accountSid,
    inStock,
    ['Available'],
    { state: 'Unavailable', since },
    date,
  );
  await heldSubscriptions.hold(accountSid, ordered, UNSETTLED, { since }, date);
  return {
    held: inStock.length + ordered.length,
    last: rows.length < limit ? undefined : rows.at(-1)!.iccid,
  };
}

/** Whether nobody may download a profile, since whoever has its code may have done it in the time that is unknown. */
export const isHeldFromDownload = ({ held_since, eid }: SubscriptionRow): boolean =>
  held_since !== null && eid === null;

/** Those that were in stock return there; orders can be downloaded again. @returns how many were held back */
export async function releaseHeld(
  accountSid: string,
  iccids: readonly string[],
  { tables, now }: Unit,
): Promise<number> {
  return tables.heldSubscriptions.release(accountSid, iccids, apiDate(now));
}

/** Those that were in stock, and are now known to be in use, never return. @returns how many were held back */
export async function keepFromStock(
  accountSid: string,
  iccids: readonly string[],
  { tables, now }: Unit,
): Promise<number> {
  return tables.heldSubscriptions.keep(accountSid, iccids, apiDate(now));
}

/** Records that the eUICC has deleted an installed profile. Throws `Conflict` if its state has changed since it was read. */
export async function markDeleted(
  profile: SubscriptionRow,
  { tables, now }: Unit,
): Promise<SubscriptionRow> {
  const deleted = { ...profile, known_absent: 1 as const, date_updated: apiDate(now) };
  await tables.subscriptions.transition(profile, deleted);
  return deleted;
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
