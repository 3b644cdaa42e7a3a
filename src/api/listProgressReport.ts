import { Type } from 'typebox';
import { PROGRESS_STATES } from '../smdp/operators/progress-report.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';
import { progressReportRecords } from './progress-report-answer.ts';
import { parseProgressReportFilter, progressReportFilter } from './progress-report-filter.ts';

const PATH = '/v1/ProgressReports';

/** `GET /v1/ProgressReports`: ours. What operators over ES2+ were told of the profiles that they have ordered. */
export const listProgressReport = operation({
  operationId: 'ListProgressReport',
  method: 'GET',
  path: PATH,
  tag: 'Operators',
  ofSmdp: true,
  summary: 'List reports of progress',
  description:
    'Ours: what operators were told of the profiles that they have ordered over ES2+ (SGP.22 §5.3.5), newest first, ' +
    'each with every attempt to deliver it.',
  query: Type.Object({ ...progressReportFilter(PROGRESS_STATES), ...paging }),
  responses: {
    200: { description: 'A page.', schema: listOf('progress_reports', 'ProgressReport') },
  },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { columns, bounds, filters } = parseProgressReportFilter(query);
    const request = parsePageRequest(PATH, 'PR', filters, query);
    const page = await store.progressReportPages(
      { account_sid: accountSid, ...columns },
      request.position,
      request.size,
      bounds,
    );
    const records = await progressReportRecords(accountSid, page.rows, { store, publicUrl });
    const body = renderPage('progress_reports', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
