import { Type } from 'typebox';
import { BULK_STATUSES } from '../eim/fleet/bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import { createdBetween } from '../values/sid.ts';
import { listOf } from './answer-schemas.ts';
import { BULKS_PATH } from './bulk-paths.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

/** `GET /v1/Euiccs/BulkOperations`: ours. */
export const listBulkOperation = operation({
  operationId: 'ListBulkOperation',
  method: 'GET',
  path: BULKS_PATH,
  tag: 'IoT fleets',
  summary: 'List bulk operations',
  description: 'Ours: newest first; those that have ended, for 90 days.',
  query: Type.Object({
    Status: statusFilter(BULK_STATUSES, 'bulk operations'),
    ...dateFilter('bulk operations'),
    ...paging,
  }),
  responses: {
    200: { description: 'A page.', schema: listOf('bulk_operations', 'BulkOperation') },
  },
  async handle({ caller, query }, { store, publicUrl }) {
    const status = parseStatusFilter(BULK_STATUSES, query.Status);
    const { filters: dates, after, before } = parseDateFilter(query);
    const request = parsePageRequest(BULKS_PATH, 'BO', { ...status.filters, ...dates }, query);
    const page = await store.bulkOperationPages(
      { account_sid: caller.accountSid, status: status.statuses },
      request.position,
      request.size,
      createdBetween('bulkOperation', after, before),
    );
    const records = page.rows.map((row) => renderBulk(row, publicUrl));
    const body = renderPage('bulk_operations', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
