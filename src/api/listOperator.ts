import { Type } from 'typebox';
import { withCertificates } from '../smdp/operators/operator-record.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { renderOperator } from './operator-answer.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

const PATH = '/v1/Operators';

/** `GET /v1/Operators`: ours. Who orders over ES2+ from the stock of the account. */
export const listOperator = operation({
  operationId: 'ListOperator',
  method: 'GET',
  path: PATH,
  tag: 'Operators',
  ofSmdp: true,
  summary: 'List operators',
  description:
    'Ours: the operators that order over ES2+ from the stock of the account, newest first, with the certificates by which ' +
    'they are known. `simwright operator` registers them.',
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('operators', 'Operator') } },
  async handle({ caller: { accountSid }, query }, { store, now, config, publicUrl }) {
    const request = parsePageRequest(PATH, 'OP', {}, query);
    const page = await store.operatorPages(
      { account_sid: accountSid },
      request.position,
      request.size,
    );
    const records = (await withCertificates(page.rows, { store, now, config })).map((operator) =>
      renderOperator(operator, publicUrl),
    );
    const body = renderPage('operators', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
