import { Type } from 'typebox';
import { OPERATION_STATUSES, renderOperation } from '../eim/operations/operation.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { euiccAt, EuiccParams, EUICCS_PATH, OPERATIONS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

/** `GET /v1/Euiccs/{Sid}/Operations`: ours. */
export const listEuiccOperation = operation({
  operationId: 'ListEuiccOperation',
  method: 'GET',
  path: OPERATIONS_PATH,
  tag: 'IoT devices',
  summary: 'List the operations on an eUICC',
  description: 'Ours: newest first; those that have ended, for 90 days.',
  params: EuiccParams,
  query: Type.Object({
    ESimProfileSid: Type.Optional(
      Type.String({ description: 'Only operations that serve this order.' }),
    ),
    Status: statusFilter(OPERATION_STATUSES, 'operations'),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('operations', 'EuiccOperation') } },
  async handle({ caller: { accountSid }, params: { Sid }, query }, { store, publicUrl }) {
    const path = `${EUICCS_PATH}/${Sid}/Operations`;
    const { ESimProfileSid: order } = query;
    const { statuses, filters } = parseStatusFilter(OPERATION_STATUSES, query.Status);
    const request = parsePageRequest(path, 'EO', { ESimProfileSid: order, ...filters }, query);
    const { eid } = await euiccAt(accountSid, Sid, path, store);
    const found = await store.eimOperationPages(
      { eid, esim_profile_sid: order, status: statuses },
      request.position,
      request.size,
    );
    const records = found.rows.map((row) => renderOperation(row, publicUrl));
    const body = renderPage('operations', request, found, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
