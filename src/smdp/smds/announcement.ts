// §3.6: an order for an EID is announced at SM-DSs as long as its profile waits for the device. Here it is written what they
// are to have, together with the state of the profile; the announcer tells them.
import type { ProfileState, SmdsEventRow, SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { newMatchingId } from '../new-matching-id.ts';
import { parseSmdsAddresses } from './smds-address.ts';

/** §3.1.3.3: a device whose download was interrupted comes back, and may ask again where to. */
const WAITING: readonly ProfileState[] = ['Released', 'Downloaded'];

/** Whether SM-DSs are to have events of the order of a profile. */
export function isAnnounced({ state, smds, eid }: Announced): boolean {
  return smds !== null && eid !== null && WAITING.includes(state);
}

type Announced = Pick<SubscriptionRow, 'state' | 'smds' | 'eid'>;

/** @param before as the profile was read */
export async function announceChange(
  before: SubscriptionRow,
  after: SubscriptionRow,
  unit: Unit,
): Promise<void> {
  if (isAnnounced(before) === isAnnounced(after)) return;
  if (isAnnounced(after)) await announce(after, unit);
  else if (await unit.tables.smdsEvents.unwant(before, unit.now.toISOString())) unit.wake('smds');
}

async function announce(profile: SubscriptionRow, { tables, now, wake }: Unit): Promise<void> {
  const { account_sid, iccid, order_number, ordered_by, eid, smds, matching_id } = profile;
  const date = now.toISOString();
  // §3.6.1: the EventID is what the device will present as MatchingID. An order without one gets one for that alone.
  const event_id = matching_id || newMatchingId();
  for (const { address, forwards } of parseSmdsAddresses(smds ?? '')) {
    const row: SmdsEventRow = {
      event_id,
      eid: (eid ?? '').toUpperCase(),
      address,
      account_sid,
      iccid,
      order_number,
      ordered_by: ordered_by ?? '',
      forwards: forwards ? 1 : 0,
      wanted: 1,
      state: 'absent',
      attempts: 0,
      error: null,
      next_attempt_at: date,
      locked_until: null,
      date_created: date,
      date_updated: date,
    };
    await tables.smdsEvents.want(row);
  }
  wake('smds');
}
