// Idempotency-Key: a request that is sent again has its effect once and gets its first answer again.
import type { Context } from '../context.ts';
import type { IdempotencyKeyRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import { ApiError } from './api-error.ts';
import type { Answer, OperationRequest } from './operation.ts';

/** A request that has not answered by then is taken for dead, and a repeat may run. */
const LOCK_MS = 60_000;

type Effect = (tables: Transaction) => Promise<Answer & { body: string }>;

/**
 * Runs `effect`, which only adds rows, in a transaction. With an Idempotency-Key the answer is stored in that transaction
 * too, and given to every repeat. Throws `ApiError` 409 while the first is running, and 422 when the
 * key was used for other parameters.
 */
export async function onceByIdempotencyKey(
  request: OperationRequest<unknown, unknown, object>,
  { store, now, masterKey }: Context,
  effect: Effect,
): Promise<Answer> {
  const key = request.idempotencyKey;
  if (key === undefined) return store.append(effect);

  const date = now();
  const row: IdempotencyKeyRow = {
    account_sid: request.caller.accountSid,
    idempotency_key: key,
    fingerprint: masterKey.fingerprint(canonical(request.body)),
    request_id: request.requestId,
    locked_until: new Date(date.getTime() + LOCK_MS).toISOString(),
    response_status: null,
    response_body: null,
    date_created: date.toISOString(),
  };
  const holder = await store.transaction((tables) =>
    tables.idempotencyKeys.claim(row, date.toISOString()),
  );
  if (holder !== undefined) return repeat(holder, row);
  try {
    return await store.transaction(async (tables) => {
      const answer = await effect(tables);
      await tables.idempotencyKeys.answer(row, answer.status, answer.body);
      return answer;
    });
  } catch (error) {
    await store.transaction((tables) => tables.idempotencyKeys.release(row)).catch(() => {});
    throw error;
  }
}

function repeat(holder: IdempotencyKeyRow, row: IdempotencyKeyRow): Answer {
  if (holder.fingerprint !== row.fingerprint) {
    throw new ApiError(
      'idempotencyKeyReused',
      'This Idempotency-Key was used with other parameters; use a new key for another request',
    );
  }
  if (holder.response_status === null || holder.response_body === null) {
    throw new ApiError('conflict', 'A request with this Idempotency-Key is being processed');
  }
  return {
    status: holder.response_status,
    body: holder.response_body,
    headers: { 'Idempotent-Replayed': 'true' },
  };
}

/** The parameters in the order of their names, so that form and JSON of the same order are equal. */
function canonical(body: object): string {
  const sorted = Object.entries(body).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(sorted);
}
