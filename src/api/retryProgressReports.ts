import { Type } from 'typebox';
import { RETRIABLE_PROGRESS_STATES, retryManyReports } from '../smdp/operators/progress-report.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { operation } from './operation.ts';
import { nextUrl, parsePageRequest } from './page.ts';
import { parseProgressReportFilter, progressReportFilter } from './progress-report-filter.ts';

const PATH = '/v1/ProgressReports/Retry';

/** `POST /v1/ProgressReports/Retry`: ours. */
export const retryProgressReportsOfAccount = operation({
  operationId: 'RetryProgressReports',
  method: 'POST',
  path: PATH,
  tag: 'Operators',
  ofSmdp: true,
  summary: 'Send many reports of progress again',
  description:
    'Ours: makes reports due at once that were given up (`State=failed`), were kept because their operator had no address ' +
    '(`State=kept`), or are waiting for their next attempt (`State=pending`), oldest first, 1000 at most. If there are ' +
    'more, POST to `next_url` for the next batch. The filters are those of the list, in the query.',
  query: Type.Object({
    ...progressReportFilter(RETRIABLE_PROGRESS_STATES),
    PageToken: Type.Optional(Type.String({ description: 'Provided by the API, in `next_url`.' })),
  }),
  responses: { 202: { description: 'How many were made due.', schema: ref('CallbackRetry') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl, transact }) {
    if (query.State === undefined) {
      throw new ApiError(
        'invalidParameter',
        `Missing required parameter State in the query: ${RETRIABLE_PROGRESS_STATES.join(', ')}`,
      );
    }
    const { columns, bounds, filters } = parseProgressReportFilter(query);
    const request = parsePageRequest(PATH, 'PR', filters, query);
    const { position } = request;
    if (position.kind === 'older') throw new ApiError('invalidPageToken', 'Invalid PageToken');
    const { count, last } = await retryManyReports(
      { account_sid: accountSid, ...columns, state: query.State },
      position.kind === 'newer' ? position.than : undefined,
      bounds,
      { store, transact },
    );
    const next = last === undefined ? null : nextUrl(request, `PB${last}`, publicUrl);
    return { status: 202, body: JSON.stringify({ retried: count, next_url: next }) };
  },
});
