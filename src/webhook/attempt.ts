// One attempt at a callback: send it and record the outcome. Delivery is at least once, retried over hours.
import type { Context } from '../context.ts';
import { authTokenOf } from '../operator/account/account.ts';
import { callbackKeysOf } from '../operator/account/callback-secret.ts';
import { openCallbackUrl } from '../operator/callback-url.ts';
import type { AccountRow, CallbackAttemptRow, CallbackRow } from '../store/schema.ts';
import type { Lookups } from '../outgoing/lookups.ts';
import { traceIdOf } from '../values/request-id.ts';
import { parseOverrides } from './overrides.ts';
import { pauseBeforeNext } from './schedule.ts';
import type { Message, Outcome, Sending } from './send.ts';
import { send } from './send.ts';
import { isPublicAddress } from '../outgoing/special-addresses.ts';

export type AttemptContext = Pick<
  Context,
  'config' | 'store' | 'masterKey' | 'metrics' | 'now' | 'log' | 'tracer' | 'transact'
>;

/** Sends a claimed callback and records the outcome. */
export async function attempt(
  callback: CallbackRow,
  lookups: Lookups,
  { config, store, masterKey, metrics, now, log, tracer, transact }: AttemptContext,
): Promise<void> {
  const account = await store.accounts.find(callback.account_sid);
  if (account === undefined) throw new Error(`no account ${callback.account_sid}`);
  const started = now();
  // If this node was suspended since it claimed the callback, another may have it by now.
  if (callback.locked_until! <= started.toISOString()) return;
  const { request_id: request } = callback;
  const span = request === null ? undefined : tracer?.span(traceIdOf(request));
  const timer = performance.now();
  const sending = { config, masterKey, traceparent: span?.traceparent };
  const outcome = await sendSigned(callback, account, started, lookups, sending);
  span?.end(
    'callback',
    'client',
    timer,
    {
      'http.request.method': callback.method,
      'http.response.status_code': outcome.statusCode,
      'simwright.request': request,
      'simwright.callback': callback.sid,
      'simwright.resource': callback.resource_sid,
      'simwright.attempt': callback.attempts + 1,
    },
    outcome.error,
  );
  const ended = now();
  const attempts = callback.attempts + 1;
  const logged: CallbackAttemptRow = {
    account_sid: callback.account_sid,
    callback_sid: callback.sid,
    attempt: attempts,
    date_started: started.toISOString(),
    duration_ms: ended.getTime() - started.getTime(),
    status_code: outcome.statusCode ?? null,
    error: outcome.error ?? null,
    response: outcome.response ?? null,
  };
  const overrides = parseOverrides(new URL(callback.url));
  const pause =
    outcome.failure === undefined
      ? undefined
      : pauseBeforeNext(attempts, outcome.failure, overrides, outcome.retryAfterMs);
  const next = { ...callback, attempts, ...settled(outcome, pause, ended) };
  await transact(({ tables }) => tables.callbacks.settle(callback, logged, next));
  metrics.callbackAttempt(next.state === 'pending' ? 'retried' : next.state, logged.duration_ms);
  logOutcome(next, outcome, log);
}

/** Sends to the receiver of a callback, signed with what the account signs with now. */
export function sendSigned(
  callback: Message & Pick<CallbackRow, 'url'>,
  account: AccountRow,
  date: Date,
  lookups: Lookups,
  {
    config,
    masterKey,
    traceparent,
  }: Pick<Context, 'config' | 'masterKey'> & Pick<Sending, 'traceparent'>,
): Promise<Outcome> {
  const target = openCallbackUrl(callback.url, account.sid, masterKey);
  return send(callback, target, {
    keys: {
      authToken: authTokenOf(account, masterKey),
      secrets: callbackKeysOf(account, masterKey, date),
    },
    date,
    guard: config.callbackPrivateNetworks ? undefined : isPublicAddress,
    lookups,
    traceparent,
  });
}

function settled(
  outcome: Outcome,
  pause: number | undefined,
  now: Date,
): Pick<CallbackRow, 'state' | 'next_attempt_at' | 'date_settled'> {
  if (pause !== undefined) {
    const next = new Date(now.getTime() + pause).toISOString();
    return { state: 'pending', next_attempt_at: next, date_settled: null };
  }
  return {
    state: outcome.failure === undefined ? 'delivered' : 'failed',
    next_attempt_at: now.toISOString(),
    date_settled: now.toISOString(),
  };
}

function logOutcome(callback: CallbackRow, outcome: Outcome, log: Context['log']): void {
  const fields = {
    callback: callback.sid,
    request: callback.request_id ?? undefined,
    resource: callback.resource_sid,
    attempt: callback.attempts,
    status: outcome.statusCode,
  };
  if (outcome.failure === undefined) return log.info(fields, 'callback delivered');
  return log.warn(
    { ...fields, error: outcome.error, detail: outcome.detail, next: callback.next_attempt_at },
    callback.state === 'failed' ? 'callback given up' : 'callback failed; it will be retried',
  );
}
