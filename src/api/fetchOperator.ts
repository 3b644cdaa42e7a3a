import { withCertificates } from '../smdp/operators/operator-record.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { renderOperator } from './operator-answer.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/Operators/{Sid}`: ours. */
export const fetchOperator = operation({
  operationId: 'FetchOperator',
  method: 'GET',
  path: '/v1/Operators/:Sid',
  tag: 'Operators',
  ofSmdp: true,
  summary: 'Fetch an operator',
  description: 'Ours: an operator that orders over ES2+ from the stock of the account.',
  params: SidParams,
  responses: { 200: { description: 'The operator.', schema: ref('Operator') } },
  async handle({ caller: { accountSid }, params }, { store, now, config, publicUrl }) {
    const row = await store.operators.find(params.Sid);
    if (row?.account_sid !== accountSid) throw notFound(`/v1/Operators/${params.Sid}`);
    const [operator] = await withCertificates([row], { store, now, config });
    const body = renderOperator(operator!, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
