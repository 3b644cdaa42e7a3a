import { retryProgressReports } from '../smdp/operators/progress-report.ts';
import { EXAMPLES } from './answer-examples.ts';
import { notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';
import { renderProgressReport } from './progress-report-answer.ts';

/** `POST /v1/ProgressReports/{Sid}/Retry`: ours. */
export const retryProgressReport = operation({
  operationId: 'RetryProgressReport',
  method: 'POST',
  path: '/v1/ProgressReports/:Sid/Retry',
  tag: 'Operators',
  ofSmdp: true,
  summary: 'Send a report of progress again',
  description:
    'Ours: makes a report due at once, even one that was given up, kept or delivered. What waits about the same profile ' +
    'becomes due with it, and goes first if it is older. One that is being sent is left alone.',
  params: SidParams,
  responses: {
    202: {
      description: 'The report, now pending.',
      schema: ref('ProgressReport'),
      example: {
        ...EXAMPLES.ProgressReport,
        state: 'pending',
        next_attempt_at: EXAMPLES.ProgressReport.date_settled,
        date_settled: null,
      },
    },
  },
  async handle({ caller: { accountSid }, params }, { transact, publicUrl }) {
    const body = await transact(async (unit) => {
      const { progressReports } = unit.tables;
      await retryProgressReports(accountSid, [params.Sid], unit);
      const report = await progressReports.find(accountSid, params.Sid);
      if (report === undefined) throw notFound(`/v1/ProgressReports/${params.Sid}/Retry`);
      const attempts = await progressReports.attempts(accountSid, report.sid);
      return renderProgressReport(report, attempts, publicUrl);
    });
    return { status: 202, body };
  },
});
