import { Type } from 'typebox';
import { renderKey } from '../operator/resource.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging } from './parameter-schemas.ts';

const PATH = '/v1/Keys';

/** `GET /v1/Keys`: ours. */
export const listKey = operation({
  operationId: 'ListKey',
  method: 'GET',
  path: PATH,
  tag: 'Keys',
  summary: 'List API keys',
  description: 'Ours: the API keys of the account, newest first, including revoked ones.',
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('keys', 'Key') } },
  async handle({ caller, query }, { store, publicUrl }) {
    const request = parsePageRequest(PATH, 'SK', {}, query);
    const page = await store.apiKeyPages(
      { account_sid: caller.accountSid },
      request.position,
      request.size,
    );
    const records = page.rows.map((row) => JSON.stringify(renderKey(row, publicUrl)));
    const body = renderPage('keys', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
