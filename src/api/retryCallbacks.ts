import { Type } from 'typebox';
import { RETRIABLE_STATES, RETRIED_AT_ONCE, retryMany } from '../operator/callback.ts';
import { ref } from './answer-schemas.ts';
import { callbackFilter, parseCallbackFilter } from './callback-filter.ts';
import { operation } from './operation.ts';
import { requireState, retryBatch } from './retry-many.ts';

const CALLBACKS = { path: '/v1/Callbacks/Retry', prefix: 'CB', states: RETRIABLE_STATES };

/** `POST /v1/Callbacks/Retry`: ours. */
export const retryCallbacks = operation({
  operationId: 'RetryCallbacks',
  method: 'POST',
  path: CALLBACKS.path,
  tag: 'Callbacks',
  need: 'orders',
  summary: 'Send many callbacks again',
  description:
    'Ours: makes callbacks due at once that were given up (`State=failed`) or are waiting for their next attempt ' +
    `(\`State=pending\`), oldest first, ${RETRIED_AT_ONCE} at most. If there are more, POST to \`next_url\` for the ` +
    'next batch; none is sent twice. The filters are those of the list, in the query.',
  query: Type.Object({
    ...callbackFilter(RETRIABLE_STATES),
    PageToken: Type.Optional(Type.String({ description: 'Provided by the API, in `next_url`.' })),
  }),
  responses: { 202: { description: 'How many were made due.', schema: ref('CallbackRetry') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl, transact }) {
    const state = requireState(query, CALLBACKS);
    const { columns, bounds, filters } = parseCallbackFilter(query);
    const matching = { account_sid: accountSid, ...columns, state };
    return retryBatch(CALLBACKS, {
      query,
      filters,
      publicUrl,
      retry: (after) => retryMany(matching, after, bounds, { store, transact }),
    });
  },
});
