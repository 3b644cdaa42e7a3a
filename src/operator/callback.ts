// The content of callbacks. They are added to the outbox in the transaction of the change that they report.
import { auditRetry } from '../audit/entry.ts';
import { enqueueCallback } from '../outgoing/enqueue-callback.ts';
import type { CallbackAddress, CallbackParameters } from '../outgoing/enqueue-callback.ts';
import type { Bounds } from '../store/pages.ts';
import type {
  BatchRow,
  BulkOperationRow,
  CallbackRow,
  EsimProfileRow,
  EsimProfileStatus,
  SimRow,
  StockThresholdRow,
} from '../store/schema.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../store/store.ts';
import type { Unit } from '../unit.ts';
import { apiDate } from '../values/date.ts';

/** In the order of the life cycle. */
export const CALLBACK_STATES = [
  'pending',
  'delivered',
  'failed',
] as const satisfies CallbackState[];
export type CallbackState = CallbackRow['state'];

/** Delivered callbacks can be retried only by SID. */
export const RETRIABLE_STATES = ['pending', 'failed'] as const satisfies CallbackState[];
export type RetriableState = (typeof RETRIABLE_STATES)[number];

/** Small enough not to block other work for long. */
export const RETRIED_AT_ONCE = 1000;

/** Sorts before every callback. */
const FIRST_SID = `CB${'0'.repeat(32)}`;

/** The SID that no eSIM Profile has. */
const NO_ORDER = `HP${'0'.repeat(32)}`;

export async function enqueueEsimProfileCallback(
  row: EsimProfileRow,
  previous: EsimProfileStatus,
  unit: Unit,
  changed: readonly string[] = [],
): Promise<void> {
  await enqueue(row, () => esimProfileParameters(row, previous, changed), unit);
}

/**
 * What the callback of a transition, or of another change, says; `row` is what it has made of the eSIM Profile.
 * @param changed what has, if not the status
 */
export function esimProfileParameters(
  row: EsimProfileRow,
  previous: EsimProfileStatus,
  changed: readonly string[] = [],
): CallbackParameters {
  const parameters: CallbackParameters = [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['ESimProfileSid', row.sid],
    ['Status', row.status],
    ['PreviousStatus', previous],
  ];
  if (changed.length > 0) parameters.push(['Changed', changed.join()]);
  const optional: [string, string | null][] = [
    ['SimSid', row.sim_sid],
    ['Iccid', row.iccid],
    ['Eid', row.eid],
    ['SmdpPlusAddress', row.smdp_plus_address],
    ['MatchingId', row.matching_id],
    ['ActivationCode', row.activation_code],
    ['ErrorCode', row.error_code],
    ['ErrorMessage', row.error_message],
    ['ExpiresAt', row.expires_at],
    ['ReplacesSid', row.replaces_sid],
    ['ReplacedBySid', row.replaced_by_sid],
    ['ProfileType', row.profile_type],
    ['FriendlyName', row.friendly_name],
    ['Metadata', row.metadata],
    ['BatchSid', row.batch_sid],
  ];
  for (const [name, value] of optional) if (value !== null) parameters.push([name, value]);
  parameters.push(['DateUpdated', row.date_updated]);
  return parameters;
}

export async function enqueueSimCallback(row: SimRow, unit: Unit): Promise<void> {
  await enqueue(row, () => simParameters(row), unit);
}

/** @param count how many are in stock; once there is enough again, at least */
export async function enqueueStockCallback(
  row: StockThresholdRow,
  previous: StockThresholdRow['state'],
  count: number,
  unit: Unit,
): Promise<void> {
  await enqueue(row, () => stockParameters(row, previous, count), unit);
}

function stockParameters(
  row: StockThresholdRow,
  previous: StockThresholdRow['state'],
  count: number,
): CallbackParameters {
  return [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['StockThresholdSid', row.sid],
    ['ProfileType', row.profile_type],
    ['Status', row.state],
    ['PreviousStatus', previous],
    ['Available', String(count)],
    ['Threshold', String(row.threshold)],
    ['DateUpdated', row.date_updated],
  ];
}

function simParameters(row: SimRow): CallbackParameters {
  const parameters: CallbackParameters = [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['SimSid', row.sid],
    ['Iccid', row.iccid],
    ['Status', row.status],
  ];
  if (row.unique_name !== null) parameters.push(['SimUniqueName', row.unique_name]);
  if (row.fleet_sid !== null) parameters.push(['FleetSid', row.fleet_sid]);
  parameters.push(['DateUpdated', row.date_updated]);
  return parameters;
}

export async function enqueueBatchCallback(row: BatchRow, unit: Unit): Promise<void> {
  await enqueue(row, () => batchParameters(row), unit);
}

/** What the callback of a batch that has ended says. */
export function batchParameters(row: BatchRow): CallbackParameters {
  const parameters: CallbackParameters = [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['BatchSid', row.sid],
    ['Status', row.status],
    ['Count', String(row.item_count)],
    ['Ordered', String(row.ordered)],
    ['Refused', String(row.refused)],
  ];
  if (row.error_code !== null) parameters.push(['ErrorCode', row.error_code]);
  if (row.error_message !== null) parameters.push(['ErrorMessage', row.error_message]);
  parameters.push(['DateCompleted', row.date_completed ?? '']);
  return parameters;
}

/** How many of its items have each state, by the names that the API gives them. */
type BulkCounts = Readonly<
  Record<'completed' | 'failed' | 'cancelled' | 'refused' | 'not_sent', number>
>;

export async function enqueueBulkCallback(
  row: BulkOperationRow,
  counts: BulkCounts,
  unit: Unit,
): Promise<void> {
  await enqueue(row, () => bulkParameters(row, counts), unit);
}

/** What the callback of a bulk operation says that is halted, paused after its canaries, or has ended. */
export function bulkParameters(row: BulkOperationRow, counts: BulkCounts): CallbackParameters {
  const parameters: CallbackParameters = [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['BulkOperationSid', row.sid],
    ['Kind', row.kind],
    ['Status', row.status],
    ['Count', String(row.item_count)],
    ['Completed', String(counts.completed)],
    ['Failed', String(counts.failed)],
    ['Cancelled', String(counts.cancelled)],
    ['Refused', String(counts.refused)],
    ['NotSent', String(counts.not_sent)],
  ];
  if (row.error_code !== null) parameters.push(['ErrorCode', row.error_code]);
  if (row.error_message !== null) parameters.push(['ErrorMessage', row.error_message]);
  parameters.push(['DateUpdated', apiDate(new Date(row.date_updated))]);
  return parameters;
}

/** What a test of a receiver says: a change of no order, and that it is a test. */
export function testParameters(accountSid: string, now: Date): CallbackParameters {
  return [
    ['Test', 'true'],
    ['AccountSid', accountSid],
    ['ApiVersion', 'v1'],
    ['ESimProfileSid', NO_ORDER],
    ['Status', 'available'],
    ['PreviousStatus', 'reserving'],
    ['DateUpdated', apiDate(now)],
  ];
}

/**
 * Makes callbacks due at once, even those given up or delivered, but not those being sent.
 * @returns how many
 */
export async function retryCallbacks(
  accountSid: string,
  sids: readonly string[],
  unit: Unit,
): Promise<number> {
  unit.wake('callbacks');
  const retried = await unit.tables.callbacks.retry(accountSid, unit.now.toISOString(), sids);
  if (retried > 0) await auditRetry(accountSid, sids[0]!, retried, unit);
  return retried;
}

/**
 * Makes the oldest `RETRIED_AT_ONCE` callbacks that match due at once.
 * @param after only callbacks after this SID
 * @returns how many, and the SID of the last if there are more
 */
export async function retryMany(
  filter: {
    account_sid: string;
    state: readonly RetriableState[];
    resource_sid?: string | undefined;
  },
  after: string | undefined,
  bounds: Bounds,
  { store, transact }: Pick<Context, 'store' | 'transact'>,
): Promise<{ count: number; last: string | undefined }> {
  const { rows, more } = await store.callbackPages(
    filter,
    { kind: 'newer', than: after ?? FIRST_SID },
    RETRIED_AT_ONCE,
    bounds,
  );
  const sids = rows.map(({ sid }) => sid);
  const count = await transact(async (unit) => {
    const { tables, now, wake } = unit;
    wake('callbacks');
    const { account_sid: accountSid, state } = filter;
    const retried = await tables.callbacks.retry(accountSid, now.toISOString(), sids, state);
    if (retried > 0) await auditRetry(accountSid, 'callbacks', retried, unit);
    return retried;
  });
  return { count, last: more ? sids[0] : undefined };
}

async function enqueue(
  resource: EsimProfileRow | SimRow | BatchRow | BulkOperationRow | StockThresholdRow,
  parameters: () => CallbackParameters,
  unit: Unit,
): Promise<void> {
  const target = await targetOf(resource, unit.tables);
  if (target === undefined) return;
  const callback = {
    account_sid: resource.account_sid,
    resource_sid: resource.sid,
    parameters: parameters(),
    request_id: 'request_id' in resource ? resource.request_id : null,
  };
  await enqueueCallback(target, callback, unit);
}

/** Where its callbacks go now: to a URL of its own, or, of an order or a Sim, to that of the account. */
async function targetOf(
  resource: EsimProfileRow | SimRow | BatchRow | BulkOperationRow | StockThresholdRow,
  { accounts }: Pick<Transaction, 'accounts'>,
): Promise<CallbackAddress | undefined> {
  const own = resource.callback_url;
  if (own !== null) return { url: own, method: resource.callback_method };
  if (!('callback_off' in resource) || resource.callback_off === 1) return undefined;
  const account = await accounts.find(resource.account_sid);
  if (account === undefined || account.callback_url === null) return undefined;
  return { url: account.callback_url, method: account.callback_method };
}
