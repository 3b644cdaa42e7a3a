// A new order in place of one that has ended. Both name each other.
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { auditedOrder } from './audited.ts';
import { CODE_NOT_KEPT, openConfirmationCode, sealConfirmationCode } from './confirmation-code.ts';
import type { Cause, NewEsimProfile } from './esim-profile.ts';
import { changeFields, insertEsimProfile, takeSteps } from './esim-profile.ts';
import type { MetadataChange } from './owner-fields.ts';
import { orderAgain } from './order-at-smdp.ts';
import type { ChangeContext } from './order-change.ts';
import { ChangeRefused, changeOrder, checkStatus } from './order-change.ts';
import { ownerFieldsAfter } from './placeOrder.ts';
import { BEGUN, stepToAvailable } from './reserve.ts';

/** What the new order has other than the old one; absent values are as the old one was ordered. */
export interface Replacement {
  /** 32 hexadecimal digits, which were validated; null: any eUICC that presents the matching ID. */
  eid?: string | null;
  /** In clear. */
  confirmationCode?: string;
  /** As the API writes dates. The old order's date is not taken over. */
  expiresAt?: string;
  /** Null: none. */
  friendlyName?: string | null;
  /** What changes of it. */
  metadata?: MetadataChange;
}

/**
 * Orders again what has failed: another subscription of the same profile type, in the same way. The reservation processes
 * it. Throws `ChangeRefused`, `OrderRefused`, and `Conflict` if something else has changed the old order: then run the unit
 * again.
 * @returns the new order
 */
export function reorder(
  old: EsimProfileRow,
  replacement: Replacement,
  cause: Cause,
  { masterKey }: Pick<ChangeContext, 'masterKey'>,
  unit: Unit,
): Promise<EsimProfileRow> {
  return changeOrder(old, unit, async () => {
    checkStatus(old, 'it can be ordered again', ['failed']);
    const { order } = newOrder(old, replacement, masterKey, unit);
    return replace(old, order, cause, unit);
  });
}

/**
 * Releases the subscription of an order that has ended again, as a new order, which is `available` at once: its ICCID, Sim
 * and keys stay, its matching ID is another one. The SM-DP+ refuses that if an eUICC may have the profile. Throws as
 * `reorder`, and `SmdpRefused`.
 * @returns the new order
 */
export function releaseAgain(
  old: EsimProfileRow,
  replacement: Replacement,
  cause: Cause,
  { masterKey, smdp, config }: ChangeContext,
  unit: Unit,
): Promise<EsimProfileRow> {
  return changeOrder(old, unit, async () => {
    checkStatus(old, 'its subscription can be released again', ['failed', 'installed']);
    if (old.iccid === null) throw new ChangeRefused(old, 'never had a subscription');
    const { order, confirmationCode } = newOrder(old, replacement, masterKey, unit);
    const { account_sid: accountSid, sid, eid, generate_matching_id } = order;
    const matchingId = generate_matching_id === 1 ? undefined : '';
    const wanted = { accountSid, sid, eid, matchingId, confirmationCode };
    // First, since the SM-DP+ may refuse it.
    const task = { kind: 'release again', replacement, cause } as const;
    const at = smdp(accountSid, unit, { subject: old.sid, order: old, task });
    const reserved = await orderAgain(old, wanted, at, config.smdpAddress);
    const placed = await replace(old, order, cause, unit);
    return takeSteps(placed, [BEGUN, await stepToAvailable(placed, reserved, unit)], unit);
  });
}

/** Throws `ChangeRefused` and `OrderRefused`. @returns also its confirmation code, in clear */
function newOrder(
  old: EsimProfileRow,
  { eid: otherEid, confirmationCode: otherCode, expiresAt, ...ownerFields }: Replacement,
  masterKey: ChangeContext['masterKey'],
  unit: Unit,
): { order: NewEsimProfile & { sid: string }; confirmationCode: string | undefined } {
  const { account_sid, sid: replaces_sid, replaced_by_sid: other } = old;
  if (other !== null) throw new ChangeRefused(old, `has been replaced already, by ${other}`);
  const ordered = old.eid_learned === 1 ? null : old.eid;
  const eid = otherEid === undefined ? ordered : otherEid;
  if (eid === null && old.generate_matching_id === 0) {
    throw new ChangeRefused(old, 'was ordered without a matching ID, so Eid must not be empty');
  }
  if (otherCode === undefined && old.confirmation_code === CODE_NOT_KEPT) {
    throw new ChangeRefused(
      old,
      'had a confirmation code, which the version that it was ordered with did not keep: give ConfirmationCode',
    );
  }
  const sid = unit.sids.next('esimProfile', unit.now);
  const code = otherCode ?? openConfirmationCode(old, masterKey);
  const order = {
    account_sid,
    sid,
    eid,
    generate_matching_id: old.generate_matching_id,
    profile_type: old.profile_type_learned === 1 ? null : old.profile_type,
    wanted_iccid: old.wanted_iccid,
    confirmation_code:
      code === undefined ? null : sealConfirmationCode(code, account_sid, sid, masterKey),
    callback_url: old.callback_url,
    callback_method: old.callback_method,
    callback_off: old.callback_off,
    expires_at: expiresAt ?? null,
    replaces_sid,
    ...ownerFieldsAfter(old, ownerFields),
  };
  return { order, confirmationCode: code };
}

async function replace(
  old: EsimProfileRow,
  order: NewEsimProfile & { sid: string },
  { cause, detail }: Cause,
  unit: Unit,
): Promise<EsimProfileRow> {
  const { sid } = order;
  const replaced = { cause: 'replaced by another order', detail: sid };
  await changeFields(old, { replaced_by_sid: sid }, ['ReplacedBySid'], replaced, unit);
  const replaces = `replaces ${old.sid}`;
  const why = { cause, detail: detail === undefined ? replaces : `${replaces}; ${detail}` };
  const { account_sid: accountSid } = order;
  await unit.audit(accountSid, { subject: old.sid, after: { replaced_by_sid: sid } });
  await unit.audit(accountSid, { subject: sid, after: auditedOrder(order) });
  return insertEsimProfile(order, why, unit);
}
