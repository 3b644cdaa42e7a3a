// Idempotency-Key: a request that is sent again has its effect once and gets its first answer again.
import type { Context } from '../context.ts';
import { AlreadyExists } from '../store/errors.ts';
import type { IdempotencyKeyRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { ApiError } from './api-error.ts';
import type { Answer, OperationRequest } from './operation.ts';

type Effect = (unit: Unit) => Promise<Answer & { body: string }>;

/**
 * Runs `effect`, which only adds rows, in a transaction. With an Idempotency-Key the key and the answer are stored in that
 * transaction too: either all of it has happened or nothing, so nobody has to find out whether the first request
 * still lives. Every repeat gets its answer. Throws `ApiError` 422 when the key was used for other parameters.
 */
export async function onceByIdempotencyKey(
  request: OperationRequest<unknown, unknown, object>,
  {
    store,
    masterKey,
    transact,
    append,
  }: Pick<Context, 'store' | 'masterKey' | 'transact' | 'append'>,
  effect: Effect,
): Promise<Answer> {
  const key = request.idempotencyKey;
  if (key === undefined) return append(effect);

  const { accountSid } = request.caller;
  const fingerprint = masterKey.fingerprint(canonical(request.body));
  const first = await store.idempotencyKeys.find(accountSid, key);
  if (first !== undefined) return repeat(first, fingerprint);
  try {
    return await transact(async (unit) => {
      const answer = await effect(unit);
      await unit.tables.idempotencyKeys.insert({
        account_sid: accountSid,
        idempotency_key: key,
        fingerprint,
        response_status: answer.status,
        response_body: answer.body,
        date_created: unit.now.toISOString(),
      });
      return answer;
    });
  } catch (error) {
    if (!(error instanceof AlreadyExists)) throw error;
    // The same request, sent twice at the same time: the other one was carried out, this one was undone.
    const other = await store.idempotencyKeys.find(accountSid, key);
    if (other === undefined) throw error;
    return repeat(other, fingerprint);
  }
}

function repeat(first: IdempotencyKeyRow, fingerprint: string): Answer {
  if (first.fingerprint !== fingerprint) {
    throw new ApiError(
      'idempotencyKeyReused',
      'This Idempotency-Key was used with other parameters; use a new key for another request',
    );
  }
  return {
    status: first.response_status,
    body: first.response_body,
    headers: { 'Idempotent-Replayed': 'true' },
  };
}

/** The parameters in the order of their names, so that form and JSON of the same order are equal. */
function canonical(body: object): string {
  const sorted = Object.entries(body).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(sorted);
}
