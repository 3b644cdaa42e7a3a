import { Type } from 'typebox';
import { BATCH_STATUSES } from '../operator/batch/batch.ts';
import { renderBatch } from '../operator/batch/resource.ts';
import { createdBetween } from '../values/sid.ts';
import { listOf } from './answer-schemas.ts';
import { BATCHES_PATH } from './batch-path.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

/** `GET /v1/ESimProfiles/Batches`: ours. */
export const listBatch = operation({
  operationId: 'ListBatch',
  method: 'GET',
  path: BATCHES_PATH,
  tag: 'Batches',
  summary: 'List batches',
  description: 'Ours: the batches of the account, newest first.',
  query: Type.Object({
    Status: statusFilter(BATCH_STATUSES, 'batches'),
    ...dateFilter('batches'),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('batches', 'Batch') } },
  async handle({ caller, query }, { store, publicUrl }) {
    const status = parseStatusFilter(BATCH_STATUSES, query.Status);
    const { filters: dates, after, before } = parseDateFilter(query);
    const request = parsePageRequest(BATCHES_PATH, 'BT', { ...status.filters, ...dates }, query);
    const page = await store.batchPages(
      { account_sid: caller.accountSid, status: status.statuses },
      request.position,
      request.size,
      createdBetween('batch', after, before),
    );
    const records = page.rows.map((row) => renderBatch(row, publicUrl));
    const body = renderPage('batches', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
