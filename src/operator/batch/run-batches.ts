// Carries out batches, part by part. Each part is one transaction that also writes how far the batch has got, so whatever dies in
// between, no item is lost or ordered twice.
import type { Context } from '../../context.ts';
import type { BatchKey } from '../../store/batches.ts';
import { Conflict } from '../../store/errors.ts';
import type { BatchRow } from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { holdProfile, returnHeld, SmdpRefused } from '../order-at-smdp.ts';
import type { Held } from '../order-at-smdp.ts';
import { placeOrder } from '../placeOrder.ts';
import type { CheckedOrder } from '../placeOrder.ts';
import { mustWait } from '../rented/rented-errors.ts';
import { failure, mayPass, NO_STOCK, reserve } from '../reserve.ts';
import { identifierOf, listColumn, openIndexes, openPart, sealErrors } from './batch-part.ts';
import type { Part } from './batch-part.ts';
import { endBatch, partCount, PART_SIZE } from './batch.ts';

type BatchContext = Pick<
  Context,
  'store' | 'transact' | 'config' | 'log' | 'masterKey' | 'smdp' | 'rented'
>;

/** How many batches get their turn before the first one has its next. */
const AT_ONCE = 10;
/** Items of a turn. On SQLite, nobody else writes meanwhile. */
export const itemsPerTurn = ({ kind }: Pick<Context['store'], 'kind'>) =>
  kind === 'sqlite' ? PART_SIZE / 3 : PART_SIZE;
/** Parts looked through at a time for stock to give back. */
const LOOKED_AT = 50;

const NOT_CARRIED_OUT = 'The order failed in the server, which has logged why';

/**
 * Does one part of each batch that has something to do. Other nodes may do the same: a batch that one of them is working on
 * is left to it.
 * @returns whether there may be more to do
 */
export async function runBatches(context: BatchContext): Promise<boolean> {
  const due = await context.store.batches.listDue(AT_ONCE);
  let worked = false;
  let failed: unknown;
  for (const key of due) {
    try {
      if (await workOn(key, context)) worked = true;
    } catch (error) {
      // One that cannot go on does not hold up the others.
      failed ??= error;
    }
  }
  if (failed !== undefined) throw failed;
  return worked;
}

/** If a part fails, its items are tried one by one, so one does not hold up the others, nor do two that want the same ICCID. */
async function workOn(key: BatchKey, context: BatchContext): Promise<boolean> {
  const { store, transact, log } = context;
  try {
    return await transact((unit) => takeTurn(key, itemsPerTurn(store), unit, context));
  } catch (error) {
    if (mustWait(error)) return false;
    if (store.isUnavailable(error)) throw error;
    if (!(error instanceof Conflict)) {
      log.error(
        { err: error, batch: key.sid },
        'a part of a batch failed; its items are tried one by one',
      );
    }
  }
  for (let count = 0; count < PART_SIZE; count++) {
    try {
      if (!(await transact((unit) => takeTurn(key, 1, unit, context)))) return false;
    } catch (error) {
      if (mustWait(error)) return false;
      if (mayPass(error, store)) throw error;
      log.error({ err: error, batch: key.sid }, 'an item of a batch failed');
      if (!(await transact((unit) => giveUpItem(key, unit, context)))) throw error;
    }
  }
  return true;
}

/** @param limit of items. @returns false if another node has the batch, or nothing is to do */
async function takeTurn(
  key: BatchKey,
  limit: number,
  unit: Unit,
  context: BatchContext,
): Promise<boolean> {
  const batch = await unit.tables.batches.claim(key);
  if (batch === undefined) return false;
  if (batch.step === 'return') {
    await giveBack(batch, limit, unit, context);
    return true;
  }
  if (batch.step === 'order' && (await context.rented?.isBusy(unit)) === true) return false;
  const part = await partOf(batch, unit, context);
  const step = batch.step === 'reserve' ? reservePart : orderPart;
  await step(batch, part, limit, unit, context);
  return true;
}

async function partOf(
  batch: BatchRow,
  { tables }: Unit,
  { masterKey }: Pick<BatchContext, 'masterKey'>,
): Promise<Part> {
  return openPart(await tables.batches.findPart(batch, batch.next_part), batch, masterKey);
}

/** All or nothing: before anything is ordered, stock is taken for every item. */
async function reservePart(
  batch: BatchRow,
  part: Part,
  limit: number,
  unit: Unit,
  { smdp, config }: BatchContext,
): Promise<void> {
  const ofRented = config.rentedSmdp?.profileType;
  const { iccids, orders } = part;
  const missing = openIndexes(part).filter((index) => iccids[index] === null);
  const asked = missing.slice(0, limit);
  const { account_sid: accountSid } = batch;
  const taking = asked.map((index) => {
    const { iccid, profileType = iccid === undefined ? ofRented : undefined } = orders[index]!;
    const identifier = identifierOf(batch, part, index);
    const on = { subject: identifier, task: { kind: 'hold' } } as const;
    return holdProfile({ accountSid, identifier, profileType, iccid }, smdp(accountSid, unit, on));
  });
  let refused: { index: number; error: SmdpRefused } | undefined;
  for (const [at, result] of (await Promise.allSettled(taking)).entries()) {
    const index = asked[at]!;
    if (result.status === 'fulfilled') iccids[index] = result.value;
    else if (result.reason instanceof SmdpRefused) refused ??= { index, error: result.reason };
    else throw result.reason;
  }
  const got = asked.filter((index) => iccids[index] !== null).length;
  const reserved = batch.reserved + got;
  await unit.tables.batches.updatePart(part.row, { iccids: listColumn(iccids) });
  if (refused !== undefined) {
    const why = whyFailed(
      { ...batch, reserved },
      part.row.first_item + refused.index,
      refused.error,
    );
    await endBatch(batch, 'failed', { reserved, ...why }, unit);
    return;
  }
  const isLast = batch.next_part + 1 === partCount(batch);
  const isDone = asked.length === missing.length;
  await goOn(batch, unit, {
    reserved,
    ...(isDone && isLast ? { step: 'order', next_part: 0 } : {}),
    ...(isDone && !isLast ? { next_part: batch.next_part + 1 } : {}),
  });
}

function whyFailed(
  { item_count: count, reserved }: BatchRow,
  item: number,
  { refused }: SmdpRefused,
): { error_code: string; error_message: string } {
  const { error_code, error_message } = failure(refused);
  if (error_code !== NO_STOCK.error_code) {
    return { error_code, error_message: `item ${item}: ${error_message}` };
  }
  const message = `expected stock for ${count} items; got ${reserved}, and for item ${item}: ${refused.message}`;
  return { error_code, error_message: message };
}

/** Places and reserves the orders of a part. */
async function orderPart(
  batch: BatchRow,
  part: Part,
  limit: number,
  unit: Unit,
  context: BatchContext,
): Promise<void> {
  const { sids, iccids } = part;
  const asked = openIndexes(part).slice(0, limit);
  const held = asked.filter((index) => iccids[index] !== null).length;
  const placed = await allEnded(
    asked.map(async (index) => {
      const row = await placeOrder(orderOf(batch, part, index), context.masterKey, unit);
      const ofItem = heldFor(batch, part, index);
      if (context.rented !== undefined) return context.rented.leave(row, ofItem, unit);
      return reserve(row, unit, context, ofItem);
    }),
  );
  for (const [at, index] of asked.entries()) {
    sids[index] = placed[at]!.sid;
    iccids[index] = null;
  }
  const counted = { ordered: batch.ordered + asked.length, reserved: batch.reserved - held };
  await settlePart({ ...batch, ...counted }, part, unit);
}

/** Writes a part whose items have changed, and goes on to the next one, or to the end, if none of them is open. */
async function settlePart(batch: BatchRow, part: Part, unit: Unit): Promise<void> {
  const isDone = openIndexes(part).length === 0;
  await unit.tables.batches.updatePart(part.row, {
    sids: listColumn(part.sids),
    iccids: listColumn(part.iccids),
    ...(isDone ? { orders: null } : {}),
  });
  const { ordered, refused, reserved } = batch;
  const next_part = batch.next_part + (isDone ? 1 : 0);
  if (next_part < partCount(batch)) {
    await goOn(batch, unit, { ordered, refused, reserved, next_part });
  } else {
    await endBatch(batch, 'completed', {}, unit);
  }
}

/** Of a batch that has ended. */
async function giveBack(
  batch: BatchRow,
  limit: number,
  unit: Unit,
  { masterKey, smdp }: BatchContext,
): Promise<void> {
  const { batches } = unit.tables;
  const rows = await batches.listParts(batch, batch.next_part, LOOKED_AT);
  const row = rows.find(({ iccids }) => iccids !== null);
  if (row === undefined) {
    const next_part = batch.next_part + rows.length;
    await goOn(batch, unit, { next_part, ...(rows.length < LOOKED_AT ? { step: null } : {}) });
    return;
  }
  const part = openPart(row, batch, masterKey);
  const held = [...part.iccids.keys()].filter((index) => part.iccids[index] !== null);
  const asked = held.slice(0, limit);
  const { account_sid: accountSid } = batch;
  await allEnded(
    asked.map((index) => {
      const ofItem = heldFor(batch, part, index)!;
      const on = { subject: ofItem.identifier, task: { kind: 'return' } } as const;
      return returnHeld(ofItem, smdp(accountSid, unit, on));
    }),
  );
  for (const index of asked) part.iccids[index] = null;
  await batches.updatePart(row, { iccids: listColumn(part.iccids) });
  const reserved = batch.reserved - asked.length;
  await goOn(batch, unit, {
    reserved,
    next_part: row.number,
    ...(reserved === 0 ? { step: null } : {}),
  });
}

/** @returns false if it cannot be given up, but must be tried again */
async function giveUpItem(key: BatchKey, unit: Unit, context: BatchContext): Promise<boolean> {
  const batch = await unit.tables.batches.claim(key);
  if (batch === undefined) return true;
  if (batch.step === 'return') return false;
  if (batch.step === 'reserve') {
    const why = { error_code: '20500', error_message: 'The stock could not be reserved' };
    await endBatch(batch, 'failed', why, unit);
    return true;
  }
  const part = await partOf(batch, unit, context);
  const [index] = openIndexes(part);
  if (index === undefined) return false;
  part.errors.set(index, NOT_CARRIED_OUT);
  const errors = sealErrors(part.row, part.errors, context.masterKey);
  await unit.tables.batches.updatePart(part.row, { errors });
  await settlePart({ ...batch, refused: batch.refused + 1 }, part, unit);
  return true;
}

async function goOn(
  batch: BatchRow,
  { tables, now }: Unit,
  columns: Partial<BatchRow>,
): Promise<void> {
  const date = apiDate(now);
  await tables.batches.update(batch, {
    ...columns,
    date_worked: now.toISOString(),
    date_updated: date > batch.date_updated ? date : batch.date_updated,
  });
}

function orderOf(batch: BatchRow, { row, orders }: Part, index: number): CheckedOrder {
  const { account_sid: accountSid, sid: batchSid, placed_by: placedBy, request_id } = batch;
  const requestId = request_id ?? undefined;
  const detail = `${batchSid}, item ${row.first_item + index}; ${placedBy}`;
  const cause = { cause: 'ordered in a batch', detail };
  // Checked when the batch was made.
  return { ...orders[index]!, accountSid, batchSid, requestId, cause } as CheckedOrder;
}

function heldFor(batch: BatchRow, part: Part, index: number): Held | undefined {
  const iccid = part.iccids[index];
  if (iccid == null) return undefined;
  return { accountSid: batch.account_sid, identifier: identifierOf(batch, part, index), iccid };
}
