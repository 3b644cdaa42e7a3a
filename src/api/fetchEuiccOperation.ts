import { renderOperation } from '../eim/operations/operation.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { euiccAt, EUICCS_PATH, OPERATION_PATH, OperationParams } from './euicc-paths.ts';
import { operation } from './operation.ts';

/** `GET /v1/Euiccs/{Sid}/Operations/{OperationSid}`: ours. */
export const fetchEuiccOperation = operation({
  operationId: 'FetchEuiccOperation',
  method: 'GET',
  path: OPERATION_PATH,
  tag: 'IoT devices',
  summary: 'Fetch an operation on an eUICC',
  description: 'Ours: how far it has got, and what the eUICC has answered.',
  params: OperationParams,
  responses: { 200: { description: 'The operation.', schema: ref('EuiccOperation') } },
  async handle({ caller, params: { Sid, OperationSid } }, { store, publicUrl }) {
    const path = `${EUICCS_PATH}/${Sid}/Operations/${OperationSid}`;
    const { eid } = await euiccAt(caller.accountSid, Sid, path, store);
    const row = await store.eimOperations.find(eid, OperationSid);
    if (row === undefined) throw notFound(path);
    const body = renderOperation(row, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
