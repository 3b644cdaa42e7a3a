// Callbacks are added to their outbox in the transaction of the change that they report.
import type { CallbackRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';

export type CallbackParameters = [name: string, value: string][];
export type CallbackAddress = Pick<CallbackRow, 'url' | 'method'>;

export interface NewCallback {
  account_sid: string;
  /** What it is about: callbacks about it leave in their order. */
  resource_sid: string;
  parameters: CallbackParameters;
  /** Of the request that has led to it; null: it was none. */
  request_id: string | null;
}

export async function enqueueCallback(
  address: CallbackAddress,
  { account_sid, resource_sid, parameters, request_id }: NewCallback,
  { tables, now, sids, wake, requestId }: Unit,
): Promise<void> {
  wake('callbacks');
  await tables.callbacks.insert({
    account_sid,
    sid: sids.next('callback', tables.now()),
    resource_sid,
    receiver: new URL(address.url).origin,
    ...address,
    parameters: JSON.stringify(parameters),
    request_id: requestId ?? request_id,
    state: 'pending',
    attempts: 0,
    next_attempt_at: now.toISOString(),
    locked_until: null,
    date_created: now.toISOString(),
    date_settled: null,
  });
}
