// What the audit log tells of orders and Sims. The values of labels are not in it, since they may have to be deleted for good;
// nor are codes.
import { difference } from '../audit/entry.ts';
import type { Fields } from '../audit/entry.ts';
import type { EsimProfileRow, SimRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { NO_CALLBACKS, shownCallbackUrl } from './callback-url.ts';

type Called = Pick<SimRow, 'callback_url'> & { callback_off?: 0 | 1 | undefined };

/** Where callbacks go, as far as the order or the Sim says. */
export const auditedCallback = ({
  callback_url: url,
  callback_off: off,
}: Called): string | null => {
  if (off === 1) return NO_CALLBACKS;
  return url === null ? null : shownCallbackUrl(url);
};

type Order = Called &
  Pick<EsimProfileRow, 'eid' | 'confirmation_code'> & {
    [
      Name in 'expires_at' | 'profile_type' | 'wanted_iccid' | 'chosen_matching_id' | 'replaces_sid'
    ]?: string | null | undefined;
  };

/** As it was placed; what it does not have is left out. */
export function auditedOrder(order: Order): Fields {
  const fields: Record<string, unknown> = {};
  const { eid, profile_type: type, wanted_iccid: iccid, expires_at: expires } = order;
  if (eid !== null) fields['eid'] = eid;
  if (type != null) fields['profile_type'] = type;
  if (iccid != null) fields['iccid'] = iccid;
  if (order.chosen_matching_id != null) fields['matching_id'] = 'chosen';
  if (order.confirmation_code !== null) fields['confirmation_code'] = 'set';
  if (expires != null) fields['expires_at'] = expires;
  const callback = auditedCallback(order);
  if (callback !== null) fields['callback_url'] = callback;
  if (order.replaces_sid != null) fields['replaces_sid'] = order.replaces_sid;
  return fields;
}

const auditedSim = (sim: SimRow): Fields => ({
  unique_name: sim.unique_name,
  status: sim.scheduled_status ?? sim.status,
  fleet_sid: sim.fleet_sid,
  callback_url: auditedCallback(sim),
  callback_method: sim.callback_method,
});

/** A change by the owner. */
export function auditSim(before: SimRow, after: SimRow, unit: Unit): Promise<void> {
  const change = difference(auditedSim(before), auditedSim(after));
  return unit.audit(before.account_sid, { subject: before.sid, ...change });
}
