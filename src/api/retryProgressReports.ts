import { Type } from 'typebox';
import {
  REPORTS_RETRIED_AT_ONCE,
  RETRIABLE_PROGRESS_STATES,
  retryManyReports,
} from '../smdp/operators/progress-report.ts';
import { ref } from './answer-schemas.ts';
import { operation } from './operation.ts';
import { parseProgressReportFilter, progressReportFilter } from './progress-report-filter.ts';
import { requireState, retryBatch } from './retry-many.ts';

const REPORTS = {
  path: '/v1/ProgressReports/Retry',
  prefix: 'PR',
  states: RETRIABLE_PROGRESS_STATES,
};

/** `POST /v1/ProgressReports/Retry`: ours. */
export const retryProgressReportsOfAccount = operation({
  operationId: 'RetryProgressReports',
  method: 'POST',
  path: REPORTS.path,
  tag: 'Operators',
  ofSmdp: true,
  summary: 'Send many reports of progress again',
  description:
    'Ours: makes reports due at once that were given up (`State=failed`), were kept because their operator had no address ' +
    '(`State=kept`), or are waiting for their next attempt (`State=pending`), oldest first, ' +
    `${REPORTS_RETRIED_AT_ONCE} at most. If there are more, ` +
    'POST to `next_url` for the next batch. The filters are those of the list, in the query.',
  query: Type.Object({
    ...progressReportFilter(RETRIABLE_PROGRESS_STATES),
    PageToken: Type.Optional(Type.String({ description: 'Provided by the API, in `next_url`.' })),
  }),
  responses: { 202: { description: 'How many were made due.', schema: ref('CallbackRetry') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl, transact }) {
    const state = requireState(query, REPORTS);
    const { columns, bounds, filters } = parseProgressReportFilter(query);
    const matching = { account_sid: accountSid, ...columns, state };
    return retryBatch(REPORTS, {
      query,
      filters,
      publicUrl,
      retry: (after) => retryManyReports(matching, after, bounds, { store, transact }),
    });
  },
});
