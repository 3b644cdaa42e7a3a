// Carries out bulk operations, turn by turn. Each turn is one transaction that also writes how far it has got, so whatever dies in
// between, no eUICC is left out, or given its operation twice.
import type { EimContext } from '../eim.ts';
import { addOperation, endOperation, MOST_WAITING } from '../operations/operation.ts';
import type { OperationKind, OperationParameters } from '../operations/operation.ts';
import type { BulkKey } from '../../store/bulk-operations.ts';
import type {
  BulkOperationRow,
  BulkPartRow,
  EimOperationRow,
  EuiccRow,
} from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import {
  beginToClose,
  countBulk,
  endBulk,
  errorsColumn,
  errorsIn,
  failureLimit,
  hold,
  itemsIn,
  operationsIn,
} from './bulk.ts';
import type { BulkCounts, BulkOrder, KeptItem, OwnParameters } from './bulk.ts';
import { creditAt, nextDue } from './rate.ts';

/** What the eIM asks of others for a bulk operation. */
export interface BulkContext extends Pick<EimContext, 'store' | 'transact' | 'log' | 'now'> {
  /** Places the order of an item. @returns its SID */
  placeOrder: (bulk: BulkOperationRow, item: OrderedItem, unit: Unit) => Promise<string>;
  /** Tells whoever wants to know what has become of it. */
  tell: (bulk: BulkOperationRow, counts: BulkCounts, unit: Unit) => Promise<void>;
}

export interface OrderedItem extends BulkOrder {
  eid: string;
  /** From 1. */
  item: number;
}

/** How many get their turn before the first one has its next. */
const AT_ONCE = 10;
/** eUICCs of a turn. */
const MOST_RELEASED = 50;
/** With an order for each. On SQLite, nobody else writes meanwhile. */
const mostOrdered = ({ kind }: Pick<BulkContext['store'], 'kind'>) => (kind === 'sqlite' ? 10 : 30);
const CLOSED_AT_ONCE = 50;

const LEAST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 30_000;

/**
 * Does one turn of each that is due, and of those given. Other nodes may do the same: one that is being worked on is left to
 * them.
 * @param asked to be looked at, whether they are due or not
 * @returns whether there may be more to do
 */
export async function runBulks(context: BulkContext, asked: readonly BulkKey[] = []) {
  const { store, now } = context;
  const due = await store.bulkOperations.listDue(now().toISOString(), AT_ONCE);
  const keys = new Map([...asked, ...due].map((key) => [key.sid, key]));
  let isMore = false;
  let failed: unknown;
  for (const key of keys.values()) {
    try {
      if (await context.transact((unit) => takeTurn(key, unit, context))) isMore = true;
    } catch (error) {
      // One that cannot go on does not hold up the others.
      failed ??= error;
    }
  }
  if (failed !== undefined) throw failed;
  return isMore;
}

/** @returns whether it has more to do at once */
async function takeTurn(key: BulkKey, unit: Unit, context: BulkContext): Promise<boolean> {
  const claimed = await unit.tables.bulkOperations.claim(key);
  if (claimed === undefined) return false;
  if (claimed.step === 'close') return close(claimed, unit, context);
  const date = unit.now.toISOString();
  if (claimed.date_expires <= date) {
    const error_message = 'Its time is over, and what was not sent by then is not sent';
    await beginToClose(claimed, 'completed', { error_code: 'expired', error_message }, unit);
    return true;
  }
  if (claimed.step === 'hold') return false;
  const counts = await countBulk(claimed, unit.tables);
  const row = await withFailuresBefore(claimed, counts, unit);
  const held = await holdIfFailed(row, counts, unit);
  if (held !== undefined) {
    context.log.warn({ bulk: row.sid, ...counts }, `a bulk operation is ${held.status}`);
    await context.tell(held, counts, unit);
    return false;
  }
  const isBusy = counts.queued + counts.sent > 0;
  const canaries = lastCanary(row);
  if (canaries !== undefined && row.next_item > canaries) {
    return isBusy ? wait(row, unit) : judgeCanaries(row, counts, unit, context);
  }
  if (row.step === 'release') return release(row, canaries, unit, context);
  if (isBusy) return wait(row, unit);
  const ended = await endBulk(row, { status: 'completed' }, unit);
  context.log.info({ bulk: row.sid, ...counts }, 'a bulk operation is completed');
  await context.tell(ended, await countBulk(ended, unit.tables), unit);
  return false;
}

/** Those that have completed all the same, once their results had come, no longer count as failed before it was resumed. */
async function withFailuresBefore(
  row: BulkOperationRow,
  { failed }: BulkCounts,
  { tables }: Unit,
): Promise<BulkOperationRow> {
  if (row.failures_before <= failed) return row;
  await tables.bulkOperations.update(row, { failures_before: failed });
  return { ...row, failures_before: failed };
}

async function holdIfFailed(
  row: BulkOperationRow,
  counts: BulkCounts,
  unit: Unit,
): Promise<BulkOperationRow | undefined> {
  const limit = failureLimit(row);
  const failed = counts.failed - row.failures_before;
  if (failed <= limit) return undefined;
  const since = row.failures_before === 0 ? '' : ' since it was resumed';
  const error_message = `${failed} eUICCs have failed${since}, more than ${limit}`;
  return hold(row, 'halted', { error_code: 'maximumFailures', error_message }, unit);
}

/** The last item that is tried first; undefined: there are none, or they have passed. */
const lastCanary = ({ is_canary: isCanary, canary, item_count: count }: BulkOperationRow) =>
  isCanary === 1 && canary !== null ? Math.min(canary, count) : undefined;

/** All have ended. */
async function judgeCanaries(
  row: BulkOperationRow,
  counts: BulkCounts,
  unit: Unit,
  { tell, log }: BulkContext,
): Promise<boolean> {
  const failed = counts.failed - row.failures_before;
  let held: BulkOperationRow;
  if (failed > 0 || counts.completed === 0) {
    const error_message = `Of the first ${row.canary} eUICCs, ${counts.completed} have completed, and ${failed} have failed`;
    held = await hold(row, 'halted', { error_code: 'canaryFailed', error_message }, unit);
  } else if (row.canary_approval === 1 && row.next_item <= row.item_count) {
    const error_message = `The first ${row.canary} eUICCs have passed: resume it to go on with the others`;
    const why = { error_code: 'canaryPassed', error_message };
    held = await hold(row, 'paused', why, unit, { is_canary: 0 });
  } else {
    const date_due = unit.now.toISOString();
    await unit.tables.bulkOperations.update(row, { is_canary: 0, date_due });
    return true;
  }
  log.info({ bulk: row.sid, ...counts }, `a bulk operation is ${held.status} after its canaries`);
  await tell(held, counts, unit);
  return false;
}

/** Devices poll when they like: the longer nothing was done, the later it is looked at. */
async function wait(row: BulkOperationRow, { tables, now }: Unit): Promise<boolean> {
  const idle = now.getTime() - Date.parse(row.date_changed);
  const ms = Math.min(Math.max(idle / 10, LEAST_WAIT_MS), MOST_WAIT_MS);
  const next = new Date(now.getTime() + ms).toISOString();
  const date_due = next < row.date_expires ? next : row.date_expires;
  await tables.bulkOperations.update(row, { date_due });
  return false;
}

/** Gives some of the next eUICCs their operation. */
async function release(
  row: BulkOperationRow,
  canaries: number | undefined,
  unit: Unit,
  context: BulkContext,
): Promise<boolean> {
  const { tables, now } = unit;
  const credit = row.rate === null ? undefined : creditAt(now, new Date(row.rate_from), row.rate);
  const most = row.order_of === null ? MOST_RELEASED : mostOrdered(context.store);
  const limit = Math.min(most, credit?.count ?? most);
  const number = Math.floor((row.next_item - 1) / row.part_size);
  const part = await tables.bulkOperations.findPart(row, number);
  const last = Math.min(canaries ?? row.item_count, part.first_item + part.size - 1);
  const { next, used, refused } = await giveOut(row, part, { limit, last }, unit, context);
  const from = credit?.after(used) ?? now;
  const isDone = next > row.item_count;
  const isFree = row.rate === null || (credit !== undefined && used < credit.count);
  const due = isFree || isDone ? now : nextDue(from, row.rate!);
  await tables.bulkOperations.update(row, {
    next_item: next,
    refused: row.refused + refused,
    step: isDone ? 'await' : 'release',
    rate_from: from.toISOString(),
    date_due: due.toISOString(),
    ...(used > 0 ? { date_changed: now.toISOString() } : {}),
  });
  return isFree || isDone;
}

interface GivenOut {
  /** The next item. */
  next: number;
  used: number;
  refused: number;
}

/** @param bounds.last item that may be given out now */
async function giveOut(
  row: BulkOperationRow,
  part: BulkPartRow,
  { limit, last }: { limit: number; last: number },
  unit: Unit,
  context: BulkContext,
): Promise<GivenOut> {
  const { tables } = unit;
  const items = itemsIn(part);
  const errors = errorsIn(part);
  const operations = operationsIn(part);
  const chosen: { index: number; item: [eid: string, own?: OwnParameters] }[] = [];
  let index = row.next_item - part.first_item;
  for (; part.first_item + index <= last; index++) {
    const item = items[index]!;
    if (errors.has(index) || !isOfEuicc(item)) continue;
    if (chosen.length === limit) break;
    chosen.push({ index, item });
  }
  const given = { next: part.first_item + index, used: chosen.length, refused: 0 };
  if (chosen.length === 0) return given;
  const eids = chosen.map(({ item: [eid] }) => eid);
  const euiccs = await lockEuiccs(eids, unit);
  const waiting = await tables.eimOperations.countUnderWay(eids);
  const common = JSON.parse(row.parameters) as OperationParameters;
  const made = await allEnded(
    chosen.map(async ({ index: at, item: [eid, own = {}] }) => {
      const euicc = euiccs.get(eid);
      const problem = problemOf(row, euicc, waiting.get(eid) ?? 0);
      if (problem !== undefined) return { at, problem };
      const { esim_profile_sid: ofBatch = null, ...parameters } = own;
      const order =
        row.order_of === null
          ? ofBatch
          : await context.placeOrder(
              row,
              { ...(JSON.parse(row.order_of) as BulkOrder), eid, item: part.first_item + at },
              unit,
            );
      const all = { ...common, ...parameters };
      const kind = row.kind as OperationKind;
      const { sid } = await addOperation(euicc!, kind, all, order, unit, { bulkSid: row.sid });
      return { at, sid };
    }),
  );
  for (const { at, problem, sid } of made) {
    if (problem !== undefined) errors.set(at, problem);
    operations[at] = sid ?? null;
  }
  await tables.bulkOperations.updatePart(part, {
    errors: errorsColumn(errors),
    operations: JSON.stringify(operations),
  });
  return { ...given, refused: made.filter(({ problem }) => problem !== undefined).length };
}

const isOfEuicc = (item: KeptItem): item is [eid: string, own?: OwnParameters] => item[0] !== null;

/** In one order, so that others that lock them wait, not for each other. */
async function lockEuiccs(eids: readonly string[], { tables }: Unit) {
  const sorted = [...new Set(eids)].toSorted();
  const rows = await allEnded(sorted.map((eid) => tables.euiccs.lock(eid)));
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.eid, row] as const])));
}

function problemOf(
  { account_sid: accountSid }: BulkOperationRow,
  euicc: EuiccRow | undefined,
  waiting: number,
): string | undefined {
  if (euicc?.account_sid !== accountSid) return 'The eUICC was removed';
  if (euicc.state === 'left') return 'The eUICC no longer knows this eIM';
  if (waiting < MOST_WAITING) return undefined;
  return `${waiting} operations wait for the eUICC, and more are not taken`;
}

/** Takes back some of what was not sent, and ends once there is nothing left. */
async function close(
  row: BulkOperationRow,
  unit: Unit,
  { tell, log }: BulkContext,
): Promise<boolean> {
  const queued = await queuedOf(row, unit);
  if (queued.length === 0) {
    const ended = await endBulk(row, {}, unit);
    const counts = await countBulk(ended, unit.tables);
    log.info({ bulk: row.sid, ...counts }, `a bulk operation is ${row.status}`);
    await tell(ended, counts, unit);
    return false;
  }
  await lockEuiccs(
    queued.map(({ eid }) => eid),
    unit,
  );
  const isExpired = row.status === 'completed';
  const ending = {
    status: 'cancelled',
    errorCode: isExpired ? 'expired' : 'cancelled',
    errorMessage: isExpired
      ? 'It was not sent before the bulk operation expired'
      : 'The bulk operation was cancelled',
  } as const;
  await allEnded(
    queued.map(async ({ eid, sid }) => {
      const current = await unit.tables.eimOperations.find(eid, sid);
      if (current?.status === 'queued') await endOperation(current, ending, {}, unit);
    }),
  );
  return true;
}

async function queuedOf(row: BulkOperationRow, { tables }: Unit): Promise<EimOperationRow[]> {
  const ofKind = (kind: string) =>
    tables.eimOperations.listOfBulk(row, { kind, status: 'queued' }, CLOSED_AT_ONCE);
  const queued = await ofKind(row.kind);
  if (row.kind === 'download' && queued.length === 0) return ofKind('enable');
  return queued;
}
