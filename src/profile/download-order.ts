// §3.1.3, §5.6.3: which profile a device may download: by MatchingID, or by EID at the default SM-DP+.
import type { Context } from '../context.ts';
import { RspError } from '../rsp/rsp-error.ts';
import type { EsimProfileRow, ProfileState, SubscriptionRow } from '../store/schema.ts';
import type { PackageVersions } from '../store/profile-packages.ts';
import type { Store, Transaction } from '../store/store.ts';
import { endOrder } from './end-order.ts';
import { expired, hasEndedByExpiry } from './order-expiry.ts';

/** Downloads that an order allows; the standard leaves the number to the SM-DP+. */
export const DOWNLOAD_LIMIT = 10;
/** Wrong confirmation codes that an order allows. */
export const CONFIRMATION_CODE_LIMIT = 5;

/** A profile that is under order, and the API's view of the order. */
export interface ProfileOrder {
  profile: SubscriptionRow;
  esimProfile: EsimProfileRow;
}

/** One that a device has come for, with what its profile package is made from. */
export interface DownloadOrder extends ProfileOrder {
  versions: PackageVersions;
}

const PENDING: readonly ProfileState[] = ['Confirmed', 'Released', 'Downloaded'];

/** The order of a MatchingID, or of an EID when there is none. Throws 8.2.6 / 3.8. */
export async function findDownloadOrder(
  matchingId: string,
  eid: string,
  store: Store,
): Promise<DownloadOrder> {
  const found =
    matchingId === ''
      ? (await store.downloadOrders.findByEid(eid)).filter(
          ({ profile }) => profile.matching_id === '',
        )
      : await store.downloadOrders.findByMatchingId(matchingId);
  // An EID may have several profiles waiting: the one that was never begun comes first.
  const order =
    found.find((one) => one.profile.state === 'Released') ??
    found.find((one) => PENDING.includes(one.profile.state)) ??
    (matchingId === '' ? undefined : found[0]);
  if (order?.esimProfile === undefined) {
    // §5.6.3: no pending order has this MatchingID → 8.2.6 / 3.8
    throw new RspError(
      '8.2.6',
      '3.8',
      matchingId === ''
        ? 'No profile waits for this EID'
        : 'The MatchingID is not that of a pending order',
    );
  }
  return { ...order, esimProfile: order.esimProfile };
}

/** The checks of §5.6.3 on an order, in their order. Throws `RspError`. */
export function checkDownloadOrder(order: DownloadOrder, eid: string): void {
  const { profile } = order;
  // §5.6.3: the order is linked to another EID → 8.1.1 / 3.8
  if (profile.eid !== null && profile.eid.toUpperCase() !== eid) {
    throw new RspError('8.1.1', '3.8', 'The profile is for another EID');
  }
  // §5.6.3: the order has expired, which has ended it → 8.8.5 / 4.10
  if (hasEndedByExpiry(order)) throw expired();
  // §5.6.3: the download was tried too often, which has ended the order → 8.8.5 / 6.4
  if (profile.state === 'Error' && profile.download_attempts >= DOWNLOAD_LIMIT) throw tooMany();
  // §5.6.3: the order has ended → 8.2.6 / 3.8
  if (!PENDING.includes(profile.state)) {
    throw new RspError('8.2.6', '3.8', `The order of this MatchingID has ended: ${profile.state}`);
  }
  // §5.6.3: the profile is not released → 8.2 / 1.2
  if (profile.state === 'Confirmed') {
    throw new RspError('8.2', '1.2', 'The profile is not released yet');
  }
}

/** §5.6.3: one attempt more than the order allows ends it. Throws 8.8.5 / 6.4. */
export async function checkDownloadAttempts(order: DownloadOrder, context: Context): Promise<void> {
  if (order.profile.download_attempts < DOWNLOAD_LIMIT) return;
  const refusal = tooMany();
  const { subjectCode, reasonCode, message } = refusal;
  await context.store.transaction((tables) =>
    endOrder(
      order,
      { error_code: `${subjectCode}/${reasonCode}`, error_message: message },
      { cause: 'download tried too often', detail: `${DOWNLOAD_LIMIT} attempts` },
      context.now(),
      tables,
    ),
  );
  context.wake('callbacks');
  throw refusal;
}

function tooMany(): RspError {
  return new RspError('8.8.5', '6.4', `The download was tried ${DOWNLOAD_LIMIT} times`);
}

/** The order that a profile is under; undefined when it is under none any more. */
export async function findOrderOfProfile(
  accountSid: string,
  iccid: string,
  { downloadOrders }: Pick<Transaction, 'downloadOrders'>,
): Promise<DownloadOrder | undefined> {
  const found = await downloadOrders.find(accountSid, iccid);
  return found?.esimProfile && { ...found, esimProfile: found.esimProfile };
}
