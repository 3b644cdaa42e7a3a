import { Type } from 'typebox';
import { CALLBACK_STATES } from '../operator/callback.ts';
import { COUNT_LIMIT } from '../operator/find-esim-profiles.ts';
import { callbackFilter, parseCallbackFilter } from './callback-filter.ts';
import { COUNT_RESPONSES, countAnswer, countDescription } from './count-answer.ts';
import { operation } from './operation.ts';

/** `GET /v1/Callbacks/Count`: ours. */
export const countCallback = operation({
  operationId: 'CountCallback',
  method: 'GET',
  path: '/v1/Callbacks/Count',
  tag: 'Callbacks',
  summary: 'Count callbacks',
  description: countDescription('callbacks', 'ListCallback'),
  query: Type.Object(callbackFilter(CALLBACK_STATES)),
  responses: COUNT_RESPONSES,
  async handle({ caller: { accountSid }, query }, { store }) {
    const { columns, bounds } = parseCallbackFilter(query);
    const filter = { account_sid: accountSid, ...columns };
    return countAnswer(await store.callbackCount(filter, COUNT_LIMIT, bounds));
  },
});
