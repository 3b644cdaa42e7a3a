// What a callback says. It is put into the outbox in the transaction of what it tells.
import type { EsimProfileRow, EsimProfileStatus, SimRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import { timeOrderedSid } from './sid.ts';

type Parameters = [name: string, value: string][];

export async function enqueueEsimProfileCallback(
  row: EsimProfileRow,
  previous: EsimProfileStatus,
  now: Date,
  tables: Transaction,
): Promise<void> {
  const parameters: Parameters = [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['ESimProfileSid', row.sid],
    ['Status', row.status],
    ['PreviousStatus', previous],
  ];
  const optional: [string, string | null][] = [
    ['SimSid', row.sim_sid],
    ['Iccid', row.iccid],
    ['Eid', row.eid],
    ['SmdpPlusAddress', row.smdp_plus_address],
    ['MatchingId', row.matching_id],
    ['ActivationCode', row.activation_code],
    ['ErrorCode', row.error_code],
    ['ErrorMessage', row.error_message],
  ];
  for (const [name, value] of optional) if (value !== null) parameters.push([name, value]);
  parameters.push(['DateUpdated', row.date_updated]);
  await enqueue(row, parameters, now, tables);
}

export async function enqueueSimCallback(
  row: SimRow,
  now: Date,
  tables: Transaction,
): Promise<void> {
  const parameters: Parameters = [
    ['AccountSid', row.account_sid],
    ['ApiVersion', 'v1'],
    ['SimSid', row.sid],
    ['Iccid', row.iccid],
    ['Status', row.status],
  ];
  if (row.unique_name !== null) parameters.push(['SimUniqueName', row.unique_name]);
  if (row.fleet_sid !== null) parameters.push(['FleetSid', row.fleet_sid]);
  parameters.push(['DateUpdated', row.date_updated]);
  await enqueue(row, parameters, now, tables);
}

/**
 * Makes callbacks due at once, also those that were given up or delivered; those under way stay so.
 * @param which their SIDs, or all that were given up
 * @returns how many
 */
export function retryCallbacks(
  accountSid: string,
  which: string[] | 'failed',
  now: Date,
  { callbacks }: Transaction,
): Promise<number> {
  return callbacks.retry(accountSid, now.toISOString(), which);
}

async function enqueue(
  resource: EsimProfileRow | SimRow,
  parameters: Parameters,
  now: Date,
  tables: Transaction,
): Promise<void> {
  if (resource.callback_url === null) return;
  await tables.callbacks.insert({
    account_sid: resource.account_sid,
    sid: timeOrderedSid('callback', tables.now()),
    resource_sid: resource.sid,
    receiver: new URL(resource.callback_url).origin,
    url: resource.callback_url,
    method: resource.callback_method,
    parameters: JSON.stringify(parameters),
    state: 'pending',
    attempts: 0,
    next_attempt_at: now.toISOString(),
    locked_until: null,
    date_created: now.toISOString(),
    date_settled: null,
  });
}
