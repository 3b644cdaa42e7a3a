import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';
import { renderProgressReport } from './progress-report-answer.ts';

/** `GET /v1/ProgressReports/{Sid}`: ours. */
export const fetchProgressReport = operation({
  operationId: 'FetchProgressReport',
  method: 'GET',
  path: '/v1/ProgressReports/:Sid',
  tag: 'Operators',
  ofSmdp: true,
  summary: 'Fetch a report of progress',
  description: 'Ours: a report to an operator over ES2+, with every attempt to deliver it.',
  params: SidParams,
  responses: { 200: { description: 'The report.', schema: ref('ProgressReport') } },
  async handle({ caller: { accountSid }, params }, { store, publicUrl }) {
    const report = await store.progressReports.find(accountSid, params.Sid);
    if (report === undefined) throw notFound(`/v1/ProgressReports/${params.Sid}`);
    const attempts = await store.progressReports.attempts(accountSid, report.sid);
    const body = renderProgressReport(report, attempts, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
