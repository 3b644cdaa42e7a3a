import { Type } from 'typebox';
import { RETRIABLE_STATES, RETRIED_AT_ONCE, retryMany } from '../operator/callback.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { callbackFilter, parseCallbackFilter } from './callback-filter.ts';
import { operation } from './operation.ts';
import { nextUrl, parsePageRequest } from './page.ts';

const PATH = '/v1/Callbacks/Retry';

/** `POST /v1/Callbacks/Retry`: ours. */
export const retryCallbacks = operation({
  operationId: 'RetryCallbacks',
  method: 'POST',
  path: PATH,
  tag: 'Callbacks',
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
    if (query.State === undefined) {
      throw new ApiError(
        'invalidParameter',
        `Missing required parameter State in the query: ${RETRIABLE_STATES.join(' or ')}`,
      );
    }
    const { columns, bounds, filters } = parseCallbackFilter(query);
    const request = parsePageRequest(PATH, 'CB', filters, query);
    const { position } = request;
    if (position.kind === 'older') throw new ApiError('invalidPageToken', 'Invalid PageToken');
    const { count, last } = await retryMany(
      { account_sid: accountSid, ...columns, state: query.State },
      position.kind === 'newer' ? position.than : undefined,
      bounds,
      { store, transact },
    );
    const next = last === undefined ? null : nextUrl(request, `PB${last}`, publicUrl);
    return { status: 202, body: JSON.stringify({ retried: count, next_url: next }) };
  },
});
