// Changes of an order that nobody has downloaded: another EID, or none, another confirmation code, and when it expires.
// Of any order: its labels.
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { auditedOrder } from './audited.ts';
import type { Cause, Changed, ChangedFields } from './esim-profile.ts';
import { changeFields } from './esim-profile.ts';
import { differingKeys, parseMetadata } from './owner-fields.ts';
import type { MetadataChange } from './owner-fields.ts';
import type { ChangeContext } from './order-change.ts';
import { ChangeRefused, changeOrder, checkStatus, orderProfileAgain } from './order-change.ts';
import { ownerFieldsAfter } from './placeOrder.ts';
import type { ChangeTask } from './rented/task.ts';

/** Absent values stay as they are. */
export interface OrderUpdate {
  /** 32 hexadecimal digits, which were validated; null: any eUICC that presents the matching ID. */
  eid?: string | null;
  /** As the API writes dates; null: never. */
  expiresAt?: string | null;
  /** In clear, for the SM-DP+ when the EID changes; absent: as before. */
  confirmationCode?: string;
  /** Null: none. */
  friendlyName?: string | null;
  metadata?: MetadataChange;
}

/**
 * Nothing is changed, and nothing told, if all is as wanted already. Labels can be changed in any status. The history has
 * none of their values, which may have to be deleted for good. For an EID or code: CancelOrder, DownloadOrder of the
 * same ICCID, ConfirmOrder with the same matching ID. Throws `ChangeRefused`, `OrderRefused`, `SmdpRefused`, and `Conflict` if something
 * else has changed the order: then run the unit again.
 * @param how for the history: by whom
 */
export function updateOrder(
  row: EsimProfileRow,
  update: OrderUpdate,
  how: string,
  context: ChangeContext,
  unit: Unit,
): Promise<EsimProfileRow> {
  const { eid, confirmationCode, expiresAt, ...ownerFields } = update;
  return changeOrder(row, unit, async () => {
    const changed: Changed[] = [];
    const causes: string[] = [];
    let fields: ChangedFields = {};
    const isOtherEid = eid !== undefined && eid?.toUpperCase() !== row.eid?.toUpperCase();
    if (isOtherEid || confirmationCode !== undefined) {
      const claim = isOtherEid ? eid : row.eid;
      const task = { kind: 'update', update, cause: { cause: 'updated', detail: how } } as const;
      fields = await orderFor(claim, row, confirmationCode, context, unit, task);
    }
    if (isOtherEid) {
      changed.push('Eid');
      causes.push(eid === null ? 'bound to no EID' : `bound to EID ${eid}`);
    }
    if (confirmationCode !== undefined) {
      changed.push('ConfirmationCode');
      causes.push('another confirmation code');
    }
    if (expiresAt !== undefined && expiresAt !== row.expires_at) {
      checkStatus(row, 'its ExpiresAt can be changed', ['new', 'reserving', 'available']);
      fields.expires_at = expiresAt;
      changed.push('ExpiresAt');
      causes.push(expiresAt === null ? 'no longer expires' : `expires at ${expiresAt}`);
    }
    const { friendly_name, metadata } = ownerFieldsAfter(row, ownerFields);
    if (friendly_name !== row.friendly_name) {
      fields.friendly_name = friendly_name;
      changed.push('FriendlyName');
      causes.push(friendly_name === null ? 'friendly name removed' : 'another friendly name');
    }
    if (metadata !== row.metadata) {
      fields.metadata = metadata;
      changed.push('Metadata');
      const keys = differingKeys(parseMetadata(row.metadata), parseMetadata(metadata));
      causes.push(`metadata changed: ${keys.join(', ')}`);
    }
    if (changed.length === 0) return row;
    const cause: Cause = { cause: causes.join('; '), detail: how };
    const after = { ...row, ...fields };
    await unit.audit(row.account_sid, {
      subject: row.sid,
      before: auditedOrder(row),
      after: { ...auditedOrder(after), changed },
    });
    return changeFields(row, fields, changed, cause, unit);
  });
}

/** The same profile with the same matching ID, for another EID or with another confirmation code. */
async function orderFor(
  eid: string | null,
  row: EsimProfileRow,
  given: string | undefined,
  context: ChangeContext,
  unit: Unit,
  task: ChangeTask,
): Promise<ChangedFields> {
  checkStatus(row, 'its Eid and ConfirmationCode can be changed', ['available']);
  const { matching_id: matchingId } = row;
  if (eid === null && matchingId === null) {
    throw new ChangeRefused(
      row,
      'has no matching ID, so without an EID nobody could claim it: give it a matching ID first',
    );
  }
  const wanted = { eid, matchingId: matchingId ?? '' };
  return { ...(await orderProfileAgain(row, wanted, given, context, unit, task)), eid };
}
