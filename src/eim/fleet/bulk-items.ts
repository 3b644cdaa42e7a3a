// The items of a bulk operation as they are shown, in their order, with what has become of them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BulkOperationRow, BulkPartRow, EimOperationRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { apiDateOf } from '../../values/date.ts';
import { errorsIn, itemsIn } from './bulk.ts';

export const BULK_ITEM_STATES = [
  'waiting',
  'queued',
  'sent',
  'completed',
  'failed',
  'cancelled',
  'refused',
  'not-sent',
] as const;
export type BulkItemState = (typeof BULK_ITEM_STATES)[number];

export interface ShownItem {
  /** From 1. */
  item: number;
  eid: string | null;
  state: BulkItemState;
  /** Of one that is refused: what is wrong. */
  error: string | null;
  /** The last one: of a download that is enabled then, the enable. */
  operation: EimOperationRow | undefined;
  /** Of a download. */
  iccid: string | null;
}

/** Parts read at once. */
const AT_ONCE = 5;

/** In parts, from an item on. @param states only items in these states */
export async function* walkBulkItems(
  bulk: BulkOperationRow,
  {
    from = 1,
    states,
    signal,
  }: {
    from?: number;
    states?: readonly BulkItemState[] | undefined;
    signal?: AbortSignal | undefined;
  },
  { bulkOperations, eimOperations }: Pick<Store, 'bulkOperations' | 'eimOperations'>,
): AsyncGenerator<ShownItem[]> {
  const count = Math.ceil(bulk.item_count / bulk.part_size);
  for (let number = Math.floor((from - 1) / bulk.part_size); number < count;) {
    signal?.throwIfAborted();
    const parts = await bulkOperations.listParts(bulk, number, AT_ONCE);
    if (parts.length === 0) return;
    const items: ShownItem[] = [];
    for (const part of parts) items.push(...(await itemsOf(bulk, part, eimOperations)));
    const wanted = items.filter(
      ({ item, state }) => item >= from && (states?.includes(state) ?? true),
    );
    if (wanted.length > 0) yield wanted;
    number += parts.length;
    await nextTurn();
  }
}

async function itemsOf(
  bulk: BulkOperationRow,
  part: BulkPartRow,
  eimOperations: Store['eimOperations'],
): Promise<ShownItem[]> {
  const errors = errorsIn(part);
  const items = itemsIn(part);
  const eids = items.flatMap(([eid], index) => (eid === null || errors.has(index) ? [] : [eid]));
  const isGiven = part.operations !== null;
  const found = isGiven ? await eimOperations.ofBulkOn(bulk, eids) : [];
  const operations = Map.groupBy(found, ({ eid }) => eid);
  const isEnding = bulk.date_ended !== null || bulk.step === 'close';
  return items.map(([eid], index): ShownItem => {
    const item = part.first_item + index;
    const error = errors.get(index) ?? null;
    if (error !== null) {
      return { item, eid, state: 'refused', error, operation: undefined, iccid: null };
    }
    const own = operations.get(eid ?? '') ?? [];
    const operation = own.at(-1);
    const isPassed = item < bulk.next_item;
    const state = operation?.status ?? (isEnding || isPassed ? 'not-sent' : 'waiting');
    return { item, eid, state, error: null, operation, iccid: iccidOf(own) };
  });
}

/** Of the profile that it is about, or that was installed. */
function iccidOf(operations: readonly EimOperationRow[]): string | null {
  for (const { parameters, result } of operations) {
    const { iccid } = JSON.parse(parameters) as { iccid?: string };
    if (iccid !== undefined) return iccid;
    const installed = result === null ? {} : (JSON.parse(result) as { iccid?: string | null });
    if (installed.iccid != null) return installed.iccid;
  }
  return null;
}

/** The columns of a result. */
export const BULK_RESULT_COLUMNS = [
  'item',
  'eid',
  'state',
  'error_code',
  'error_message',
  'iccid',
  'esim_profile_sid',
  'kind',
  'operation_sid',
  'euicc_sid',
  'date_created',
  'date_sent',
  'date_ended',
] as const;

/** As the API has it, and as a line of the result. */
export function renderBulkItem({ item, eid, state, error, operation, iccid }: ShownItem): string {
  return JSON.stringify({
    item,
    eid,
    state,
    error_code: operation?.error_code ?? (error === null ? null : 'refused'),
    error_message: operation?.error_message ?? error,
    iccid,
    esim_profile_sid: operation?.esim_profile_sid ?? null,
    kind: operation?.kind ?? null,
    operation_sid: operation?.sid ?? null,
    euicc_sid: operation?.euicc_sid ?? null,
    date_created: apiDateOf(operation?.date_created ?? null),
    date_sent: apiDateOf(operation?.date_sent ?? null),
    date_ended: apiDateOf(operation?.date_ended ?? null),
  });
}
