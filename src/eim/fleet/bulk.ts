// A bulk operation: one operation on each of many eUICCs, and how it begins, pauses and ends. `run-bulk.ts` carries it out.
import { createHash } from 'node:crypto';
import { EuiccRefused } from '../euicc-refused.ts';
import type { OperationKind, OperationParameters } from '../operations/operation.ts';
import type { BulkKey } from '../../store/bulk-operations.ts';
import type {
  BulkOperationRow,
  BulkPartRow,
  EimOperationRow,
  HttpMethod,
} from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { firstDue } from './rate.ts';

export const BULK_STATUSES = [
  'running',
  'paused',
  'halted',
  'completed',
  'cancelled',
] as const satisfies BulkOperationRow['status'][];

export const BULK_LIMIT = 10_000;
/** Items that are kept in one row. */
export const PART_SIZE = 100;
/** Bulk operations of an account that have not ended. */
export const RUNNING_LIMIT = 20;
/** Operations are kept for 90 days after they have ended, and those of a bulk operation at least until it has. */
const DAY_MS = 24 * 60 * 60 * 1_000;
export const EXPIRES_AFTER_MS = 30 * DAY_MS;
export const MOST_DURATION_MS = 60 * DAY_MS;
export const MOST_RATE = 60_000;
export const MAXIMUM_FAILURES = /^(?:\d{1,5}|(?:\d{1,2}|100)%)$/;

/** Of an item beside the parameters that all have. */
export interface OwnParameters extends OperationParameters {
  /** The order whose profile is downloaded. */
  esim_profile_sid?: string;
}

/** What an item is: an eUICC, or what is wrong with it. */
export type BulkItem =
  { eid: string; own?: OwnParameters | undefined } | { eid: string | null; problem: string };

/** The order that is placed for each eUICC. */
export interface BulkOrder {
  profileType?: string | undefined;
  friendlyName?: string | undefined;
  metadata?: Readonly<Record<string, string>> | undefined;
}

export interface NewBulk {
  accountSid: string;
  kind: OperationKind;
  parameters: OperationParameters;
  items: readonly BulkItem[];
  orderOf?: BulkOrder | undefined;
  /** For people: how the eUICCs were chosen. */
  target: Readonly<Record<string, unknown>>;
  rate?: number | undefined;
  maximumFailures?: string | undefined;
  canary?: number | undefined;
  canaryApproval: boolean;
  expiresAt?: Date | undefined;
  /** Its URL as it is stored, and as it is shown. */
  callback?: { url: string; method: HttpMethod; shown: string } | undefined;
  placedBy: string;
}

/** Also before a dry run. Throws `EuiccRefused`. @returns when it expires */
export function checkBulk(
  { expiresAt, canary, canaryApproval }: Pick<NewBulk, 'expiresAt' | 'canary' | 'canaryApproval'>,
  now: Date,
): Date {
  if (canaryApproval && canary === undefined) {
    throw new EuiccRefused(
      'parameter',
      'Invalid parameter CanaryApproval: expected it with Canary',
    );
  }
  const expires = expiresAt ?? new Date(now.getTime() + EXPIRES_AFTER_MS);
  const left = expires.getTime() - now.getTime();
  if (left > 0 && left <= MOST_DURATION_MS) return expires;
  const message = `Invalid parameter ExpiresAt: expected a time within the next ${MOST_DURATION_MS / DAY_MS} days; got ${expires.toISOString()}`;
  throw new EuiccRefused('parameter', message);
}

/** Stores it, and wakes the job. At least one item must be an eUICC. Throws `EuiccRefused`. */
export async function createBulk(given: NewBulk, unit: Unit): Promise<BulkOperationRow> {
  const { tables, now, sids, wake } = unit;
  const { accountSid, kind, parameters, items, orderOf, target, rate, canary } = given;
  const expires = checkBulk(given, now);
  const running = await tables.bulkOperations.countRunning(accountSid);
  if (running >= RUNNING_LIMIT) {
    const message = `${running} bulk operations of the account have not ended yet; at most ${RUNNING_LIMIT} may be under way`;
    throw new EuiccRefused('conflict', message);
  }
  const sid = sids.next('bulkOperation', now);
  const date = now.toISOString();
  const row: BulkOperationRow = {
    account_sid: accountSid,
    sid,
    status: 'running',
    step: 'release',
    kind,
    parameters: JSON.stringify(parameters),
    order_of: orderOf === undefined ? null : JSON.stringify(orderOf),
    target: JSON.stringify(target),
    item_count: items.length,
    part_size: PART_SIZE,
    next_item: 1,
    refused: items.filter((item) => 'problem' in item).length,
    rate: rate ?? null,
    maximum_failures: given.maximumFailures ?? null,
    failures_before: 0,
    canary: canary ?? null,
    canary_approval: given.canaryApproval ? 1 : 0,
    is_canary: canary === undefined ? 0 : 1,
    placed_by: given.placedBy,
    request_id: unit.requestId ?? null,
    callback_url: given.callback?.url ?? null,
    callback_method: given.callback?.method ?? 'POST',
    error_code: null,
    error_message: null,
    rate_from: firstDue(now, rate ?? null).toISOString(),
    date_due: date,
    date_changed: date,
    date_expires: expires.toISOString(),
    date_created: date,
    date_updated: date,
    date_ended: null,
  };
  await tables.bulkOperations.insert(row, partsOf(row, items));
  const { activation_code: _code, configuration: _data, ...shown } = parameters;
  await unit.audit(accountSid, {
    subject: sid,
    after: {
      operation: kind,
      ...shown,
      ...target,
      ...(orderOf === undefined ? {} : { order: true, profile_type: orderOf.profileType }),
      items: items.length,
      refused: row.refused,
      rate: row.rate,
      maximum_failures: row.maximum_failures,
      callback_url: given.callback?.shown ?? null,
      digest: digestOf(items),
    },
  });
  wake('fleets');
  return row;
}

/** For the audit log: SHA-256 of the EIDs. */
function digestOf(items: readonly BulkItem[]): string {
  const digest = createHash('sha256');
  for (const item of items) digest.update(`${'problem' in item ? '' : item.eid}\n`);
  return digest.digest('hex');
}

/** As a part keeps it: the EID, and what is its own. */
export type KeptItem = [eid: string | null, own?: OwnParameters];

function partsOf({ account_sid, sid }: BulkKey, items: readonly BulkItem[]): BulkPartRow[] {
  return Array.from({ length: Math.ceil(items.length / PART_SIZE) }, (_, number) => {
    const start = number * PART_SIZE;
    const some = items.slice(start, start + PART_SIZE);
    const kept = some.map((item): KeptItem =>
      'problem' in item || item.own === undefined ? [item.eid] : [item.eid, item.own],
    );
    const errors = new Map(
      some.flatMap((item, index): [number, string][] =>
        'problem' in item ? [[index, item.problem]] : [],
      ),
    );
    return {
      account_sid,
      bulk_sid: sid,
      number,
      first_item: start + 1,
      size: some.length,
      items: JSON.stringify(kept),
      errors: errorsColumn(errors),
      operations: null,
    };
  });
}

export const itemsIn = ({ items }: BulkPartRow) => JSON.parse(items) as KeptItem[];
export const errorsIn = ({ errors }: BulkPartRow) =>
  new Map(errors === null ? [] : (JSON.parse(errors) as [number, string][]));
export const operationsIn = ({ operations, size }: BulkPartRow) =>
  operations === null
    ? Array.from({ length: size }, (): string | null => null)
    : (JSON.parse(operations) as (string | null)[]);
export const errorsColumn = (errors: ReadonlyMap<number, string>) =>
  errors.size === 0 ? null : JSON.stringify([...errors]);

/** What has become of its items. */
export interface BulkCounts {
  /** Will be given their operation. */
  waiting: number;
  queued: number;
  sent: number;
  completed: number;
  failed: number;
  cancelled: number;
  refused: number;
  /** Were not given theirs before it ended, or are registered no more. */
  not_sent: number;
}

export async function countBulk(
  row: BulkOperationRow,
  { eimOperations }: Pick<Transaction, 'eimOperations'>,
): Promise<BulkCounts> {
  const rows = await eimOperations.countOfBulk(row);
  const count = (kind: string, status: EimOperationRow['status']) =>
    rows.find((one) => one.kind === kind && one.status === status)?.count ?? 0;
  const total = (kind: string) =>
    rows.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.count, 0);
  // A download may be followed by an enable, which then says what has become of the item.
  const isFollowed = row.kind === 'download';
  const both = (status: EimOperationRow['status']) =>
    count(row.kind, status) + (isFollowed ? count('enable', status) : 0);
  const followed = isFollowed ? total('enable') : 0;
  const left = row.item_count - row.refused - total(row.kind);
  const isEnding = row.date_ended !== null || row.step === 'close';
  // Those before `next_item` that have no operation any more are registered no more.
  const waiting = isEnding ? 0 : Math.min(left, row.item_count - row.next_item + 1);
  return {
    waiting,
    queued: both('queued'),
    sent: both('sent'),
    completed: both('completed') - followed,
    failed: both('failed'),
    cancelled: both('cancelled'),
    refused: row.refused,
    not_sent: left - waiting,
  };
}

/** How many may have failed. */
export function failureLimit({
  maximum_failures: given,
  item_count,
}: Pick<BulkOperationRow, 'maximum_failures' | 'item_count'>): number {
  if (given === null) return Infinity;
  const number = Number.parseInt(given, 10);
  return given.endsWith('%') ? Math.floor((item_count * number) / 100) : number;
}

const after = ({ now }: Unit, row: BulkOperationRow) => {
  const date = now.toISOString();
  return date > row.date_updated ? date : row.date_updated;
};

async function change(
  row: BulkOperationRow,
  changed: Partial<BulkOperationRow>,
  unit: Unit,
): Promise<BulkOperationRow> {
  const all = { ...changed, date_updated: after(unit, row) };
  await unit.tables.bulkOperations.update(row, all);
  return { ...row, ...all };
}

/** Gives no more eUICCs their operation, and sends nothing more that was not sent, until it is resumed. */
export const hold = (
  row: BulkOperationRow,
  status: 'paused' | 'halted',
  why: Pick<BulkOperationRow, 'error_code' | 'error_message'>,
  unit: Unit,
  more: Partial<BulkOperationRow> = {},
): Promise<BulkOperationRow> =>
  change(row, { ...more, ...why, status, step: 'hold', date_due: row.date_expires }, unit);

/** Then what was not sent is taken back. */
export const beginToClose = (
  row: BulkOperationRow,
  status: 'completed' | 'cancelled',
  why: Pick<BulkOperationRow, 'error_code' | 'error_message'>,
  unit: Unit,
): Promise<BulkOperationRow> =>
  change(row, { ...why, status, step: 'close', date_due: unit.now.toISOString() }, unit);

export const endBulk = (
  row: BulkOperationRow,
  changed: Partial<BulkOperationRow>,
  unit: Unit,
): Promise<BulkOperationRow> =>
  change(row, { ...changed, step: null, date_ended: after(unit, row) }, unit);

/** Throws `EuiccRefused`. @returns undefined if there is no such one */
export const pauseBulk = (key: BulkKey, unit: Unit): Promise<BulkOperationRow | undefined> =>
  changeAsked(key, ['running'], 'paused', unit, (row) =>
    hold(row, 'paused', { error_code: null, error_message: null }, unit),
  );

/** Of one that is halted, those that have failed are no longer counted, and its canaries count as passed. Throws `EuiccRefused`. */
export const resumeBulk = (key: BulkKey, unit: Unit): Promise<BulkOperationRow | undefined> =>
  changeAsked(key, ['paused', 'halted'], 'resumed', unit, async (row) => {
    const { now, wake, tables } = unit;
    wake('fleets');
    const date = now.toISOString();
    await tables.eimInjections.hastenOfBulk(row, date);
    wake('injection');
    const { failed } = await countBulk(row, tables);
    const isHalted = row.status === 'halted';
    return change(
      row,
      {
        status: 'running',
        step: row.next_item > row.item_count ? 'await' : 'release',
        error_code: null,
        error_message: null,
        ...(isHalted ? { failures_before: failed, is_canary: 0 } : {}),
        date_due: date,
        date_changed: date,
      },
      unit,
    );
  });

/** What was sent is not taken back. Throws `EuiccRefused`. */
export const cancelBulk = (key: BulkKey, unit: Unit): Promise<BulkOperationRow | undefined> =>
  changeAsked(key, ['running', 'paused', 'halted'], 'cancelled', unit, (row) => {
    unit.wake('fleets');
    return beginToClose(row, 'cancelled', { error_code: null, error_message: null }, unit);
  });

async function changeAsked(
  key: BulkKey,
  from: readonly BulkOperationRow['status'][],
  done: string,
  unit: Unit,
  work: (row: BulkOperationRow) => Promise<BulkOperationRow>,
): Promise<BulkOperationRow | undefined> {
  const row = await unit.tables.bulkOperations.lock(key);
  if (row === undefined) return undefined;
  if (!from.includes(row.status)) {
    const message = `${row.sid} is ${row.status}; one can be ${done} while it is ${from.join(' or ')}`;
    throw new EuiccRefused('conflict', message);
  }
  const changed = await work(row);
  await unit.audit(row.account_sid, {
    subject: row.sid,
    before: { status: row.status },
    after: { status: changed.status },
  });
  return changed;
}
