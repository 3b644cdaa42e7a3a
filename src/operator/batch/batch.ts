// A batch: up to 10,000 orders that are placed together, and how it begins and ends. `run-batches.ts` carries it out.
import { createHash } from 'node:crypto';
import type { Fields } from '../../audit/entry.ts';
import type { MasterKey } from '../../process/keys.ts';
import { Conflict } from '../../store/errors.ts';
import type { BatchKey } from '../../store/batches.ts';
import type { BatchPartRow, BatchRow, HttpMethod } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { dateOfSid } from '../../values/sid.ts';
import { enqueueBatchCallback } from '../callback.ts';
import { sealCallbackUrl, shownCallbackUrl } from '../callback-url.ts';
import type { CheckedOrder } from '../placeOrder.ts';
import { sealErrors, sealOrders, sealSameOrder } from './batch-part.ts';

export const BATCH_STATUSES = [
  'running',
  'completed',
  'failed',
  'cancelled',
] as const satisfies BatchRow['status'][];

export const ITEM_LIMIT = 10_000;
/** Items that are kept in one row, and at most ordered in one transaction. */
export const PART_SIZE = 30;
/** Batches of an account that have something to do. */
export const RUNNING_LIMIT = 20;

/** What an item is: an order, or what is wrong with it. */
export type NewItem = { order: CheckedOrder } | { problem: string };

export interface NewBatch {
  accountSid: string;
  /** The same order so many times, or one for each item. */
  items: { order: CheckedOrder; count: number } | readonly NewItem[];
  allOrNothing: boolean;
  /** Called once, when the batch has ended; the URL as given. */
  callback?: { url: string; method: HttpMethod } | undefined;
  /** Who asks for it, for the history of the orders. */
  placedBy: string;
}

/** The account has too many batches that have not ended. */
export class TooManyBatches extends Error {
  override name = 'TooManyBatches';

  constructor(running: number) {
    super(`${running} batches of the account have not ended yet; at most ${RUNNING_LIMIT} may run`);
  }
}

/** A batch that has ended cannot be cancelled. */
export class BatchHasEnded extends Error {
  override name = 'BatchHasEnded';
  readonly status: BatchRow['status'];

  constructor({ sid, status }: BatchRow) {
    super(`${sid} is ${status}; a batch can be cancelled while it is running`);
    this.status = status;
  }
}

/** Stores a batch, and wakes the job. At least one item must be an order. Throws `TooManyBatches`. */
export async function createBatch(
  { accountSid, items, allOrNothing, callback, placedBy }: NewBatch,
  masterKey: MasterKey,
  unit: Unit,
): Promise<BatchRow> {
  const { tables, now, sids, wake } = unit;
  const running = await tables.batches.countRunning(accountSid);
  if (running >= RUNNING_LIMIT) throw new TooManyBatches(running);
  const sid = sids.next('batch', now);
  const key = { account_sid: accountSid, sid };
  const count = 'count' in items ? items.count : items.length;
  const parts = partsOf(key, count, 'count' in items ? undefined : items, masterKey);
  // From the SID, which stands for the date in sorting and filtering.
  const date = apiDate(dateOfSid(sid));
  const row: BatchRow = {
    ...key,
    status: 'running',
    step: allOrNothing ? 'reserve' : 'order',
    all_or_nothing: allOrNothing ? 1 : 0,
    item_count: count,
    part_size: PART_SIZE,
    next_part: 0,
    ordered: 0,
    refused: 'count' in items ? 0 : items.filter((item) => 'problem' in item).length,
    reserved: 0,
    same_order: 'count' in items ? sealSameOrder(key, items.order, masterKey) : null,
    placed_by: placedBy,
    request_id: unit.requestId ?? null,
    callback_url:
      callback === undefined ? null : sealCallbackUrl(callback.url, accountSid, masterKey),
    callback_method: callback?.method ?? 'POST',
    error_code: null,
    error_message: null,
    date_worked: now.toISOString(),
    date_created: date,
    date_updated: date,
    date_completed: null,
  };
  await tables.batches.insert(row, parts);
  const after = {
    items: count,
    refused: row.refused,
    all_or_nothing: allOrNothing,
    callback_url: row.callback_url === null ? null : shownCallbackUrl(row.callback_url),
    ...('count' in items ? auditedItem(items.order) : { digest: digestOf(items) }),
  };
  await unit.audit(accountSid, { subject: sid, after });
  wake('batches');
  return row;
}

/** For the audit log: what each item is. */
function auditedItem({ eid, profileType, iccid }: CheckedOrder): Fields {
  return { eid, profile_type: profileType, iccid };
}

/** For the audit log: SHA-256 of the items without their codes, which could be guessed from it. */
function digestOf(items: readonly NewItem[]): string {
  const digest = createHash('sha256');
  for (const item of items) {
    const shown = 'order' in item ? auditedItem(item.order) : { problem: true };
    digest.update(`${JSON.stringify(shown)}\n`);
  }
  return digest.digest('hex');
}

function partsOf(
  { account_sid, sid }: BatchKey,
  count: number,
  items: readonly NewItem[] | undefined,
  masterKey: MasterKey,
): BatchPartRow[] {
  return Array.from({ length: Math.ceil(count / PART_SIZE) }, (_, number) => {
    const start = number * PART_SIZE;
    const place = { account_sid, batch_sid: sid, number };
    const own = items?.slice(start, start + PART_SIZE);
    return {
      ...place,
      first_item: start + 1,
      size: Math.min(PART_SIZE, count - start),
      orders: own === undefined ? null : sealOrders(place, own.map(orderOf), masterKey),
      errors: own === undefined ? null : sealErrors(place, problemsOf(own), masterKey),
      sids: null,
      iccids: null,
    };
  });
}

export const partCount = ({ item_count, part_size }: Pick<BatchRow, 'item_count' | 'part_size'>) =>
  Math.ceil(item_count / part_size);

const orderOf = (item: NewItem) => ('order' in item ? item.order : null);

const problemsOf = (items: readonly NewItem[]) =>
  new Map(
    items.flatMap((item, index): [number, string][] =>
      'problem' in item ? [[index, item.problem]] : [],
    ),
  );

/**
 * Orders nothing more: what is ordered stays, and what is taken from stock for the rest returns. Throws `BatchHasEnded`.
 * @returns undefined if there is no such batch
 */
export async function cancelBatch(key: BatchKey, unit: Unit): Promise<BatchRow | undefined> {
  const batch = await unit.tables.batches.lock(key);
  if (batch === undefined) return undefined;
  if (batch.status !== 'running') throw new BatchHasEnded(batch);
  unit.wake('batches');
  const { item_count: items, ordered } = batch;
  await unit.audit(batch.account_sid, {
    subject: batch.sid,
    before: { status: batch.status, items, ordered },
    after: { status: 'cancelled' },
  });
  return endBatch(batch, 'cancelled', {}, unit);
}

/** The end of a batch that this unit has locked, with its callback. Then only stock is left to be given back. */
export async function endBatch(
  batch: BatchRow,
  status: Exclude<BatchRow['status'], 'running'>,
  fields: Partial<BatchRow>,
  unit: Unit,
): Promise<BatchRow> {
  if (batch.status !== 'running') throw new Conflict(`${batch.sid} has ended`);
  const date = apiDate(unit.now);
  const last = date > batch.date_updated ? date : batch.date_updated;
  const ended: BatchRow = {
    ...batch,
    ...fields,
    status,
    same_order: null,
    next_part: 0,
    date_updated: last,
    date_completed: last,
  };
  ended.step = ended.reserved > 0 ? 'return' : null;
  const { account_sid: _accountSid, sid: _sid, ...columns } = ended;
  await unit.tables.batches.update(batch, columns);
  await unit.tables.batches.dropOrders(batch);
  await unit.tables.es2plusTasks.turnItems(batch.account_sid, batch.sid, 'hold', 'undo');
  await enqueueBatchCallback(ended, unit);
  return ended;
}
