import { Type } from 'typebox';
import { shownCallbackUrl, testTarget } from '../operator/callback-url.ts';
import { apiDate } from '../values/date.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { CallbackMethod, describe, ReceiverUrl } from './parameter-schemas.ts';
import { noReceiver, tooSoon } from './receiver-errors.ts';

const PATH = '/v1/Callbacks/Test';

/** `POST /v1/Callbacks/Test`: ours. */
export const testCallback = operation({
  operationId: 'TestCallback',
  method: 'POST',
  path: PATH,
  tag: 'Callbacks',
  need: 'orders',
  summary: 'Send a test to a receiver',
  description:
    'Ours: sends one signed callback now, with `Test=true` and the SID of no eSIM Profile, and answers what the receiver ' +
    'answered. It is not retried, and not in the list of callbacks. One at a time, ten per minute.',
  body: Type.Object({
    CallbackUrl: Type.Optional(
      describe(ReceiverUrl, 'The receiver; by default, the `CallbackUrl` of the account.'),
    ),
    CallbackMethod: Type.Optional({
      ...CallbackMethod,
      default: undefined,
      description: 'How it is called; by default as the account says, or `POST`.',
    }),
  }),
  responses: {
    200: {
      description: 'The test was sent, or could not be: see `state` and `error`.',
      schema: ref('CallbackTest'),
    },
  },
  async handle({ caller, body }, { store, masterKey, testReceiver }) {
    const account = await store.accounts.find(caller.accountSid);
    if (account === undefined) throw notFound(PATH);
    const { CallbackUrl: url, CallbackMethod: method } = body;
    const target = testTarget(account, { url, method }, masterKey);
    if (target === undefined) {
      throw noReceiver();
    }
    const tested = await testReceiver(account, target);
    if ('waitSeconds' in tested) {
      throw tooSoon('Too many tests', tested.waitSeconds);
    }
    const { outcome } = tested;
    return {
      status: 200,
      body: JSON.stringify({
        sid: tested.sid,
        account_sid: account.sid,
        callback_url: shownCallbackUrl(target.url),
        callback_method: target.method,
        parameters: Object.fromEntries(tested.parameters),
        state: outcome.failure === undefined ? 'delivered' : 'failed',
        date_started: apiDate(tested.started),
        duration_ms: tested.durationMs,
        status_code: outcome.statusCode ?? null,
        error: outcome.error ?? null,
        response: outcome.response ?? null,
      }),
    };
  },
});
