// Idempotency-Key: a repeated request takes effect once and gets the first response again.
import type { Context } from '../context.ts';
import type { IdempotencyKeyRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { ApiError } from './api-error.ts';
import type { Answer, OperationRequest } from './operation.ts';

type Effect = (unit: Unit) => Promise<Answer & { body: string }>;

/**
 * Runs `effect` in a transaction that also stores the Idempotency-Key, if any, and the response: it is all or nothing, so no
 * lock of a request that died needs to be detected. Every repeat gets the stored response. Throws `ApiError` 422 if the key
 * was used with other parameters.
 * @param context.append runs it without a key; `transact` if it does not only add rows
 * @param what besides the body makes the request: method and path, of any request but an order
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
  what = '',
): Promise<Answer> {
  const key = request.idempotencyKey;
  if (key === undefined) return append(effect);

  const { accountSid } = request.caller;
  const fingerprint = masterKey.fingerprint(what + canonical(request.body));
  const first = await firstAnswer(request, { store, masterKey }, what);
  if (first !== undefined) return first;
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
    // Two such requests ran concurrently: the other was committed, this one rolled back, or refused for what the other did.
    const other = await store.idempotencyKeys.find(accountSid, key);
    if (other === undefined) throw error;
    return repeat(other, what + canonical(request.body), masterKey);
  }
}

/**
 * The response to a request that was repeated, if it has taken effect: what was right then need not be right now, such as
 * a time that has come. Throws `ApiError` 422.
 */
export async function firstAnswer(
  { idempotencyKey: key, caller, body }: OperationRequest<unknown, unknown, object>,
  { store, masterKey }: Pick<Context, 'store' | 'masterKey'>,
  what = '',
): Promise<Answer | undefined> {
  if (key === undefined) return undefined;
  const first = await store.idempotencyKeys.find(caller.accountSid, key);
  return first && repeat(first, what + canonical(body), masterKey);
}

function repeat(first: IdempotencyKeyRow, asked: string, masterKey: Context['masterKey']): Answer {
  if (first.fingerprint !== masterKey.fingerprint(asked, first.fingerprint)) {
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

/** The parameters sorted by name, so form and JSON of the same order are equal. */
function canonical(body: object): string {
  const sorted = Object.entries(body).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(sorted);
}
