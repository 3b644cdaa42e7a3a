import { retryCallbacks } from '../operator/callback.ts';
import { renderCallback } from '../operator/resource.ts';
import { EXAMPLES } from './answer-examples.ts';
import { notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';

/** `POST /v1/Callbacks/{Sid}/Retry`: ours. */
export const retryCallback = operation({
  operationId: 'RetryCallback',
  method: 'POST',
  path: '/v1/Callbacks/:Sid/Retry',
  tag: 'Callbacks',
  need: 'orders',
  summary: 'Send a callback again',
  description:
    'Ours: makes a callback due at once, even one that was given up or delivered. One that is being sent ' +
    'is left alone.',
  params: SidParams,
  responses: {
    202: {
      description: 'The callback, now pending.',
      schema: ref('Callback'),
      example: {
        ...EXAMPLES.Callback,
        state: 'pending',
        next_attempt_at: EXAMPLES.Callback.date_settled,
        date_settled: null,
      },
    },
  },
  async handle({ caller, params }, { transact, publicUrl }) {
    const { accountSid } = caller;
    const body = await transact(async (unit) => {
      const { tables } = unit;
      await retryCallbacks(accountSid, [params.Sid], unit);
      const callback = await tables.callbacks.find(accountSid, params.Sid);
      if (callback === undefined) throw notFound(`/v1/Callbacks/${params.Sid}/Retry`);
      const attempts = await tables.callbacks.attempts(accountSid, callback.sid);
      return renderCallback(callback, attempts, publicUrl);
    });
    return { status: 202, body };
  },
});
