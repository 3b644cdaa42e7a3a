import { renderKey } from '../operator/resource.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/Keys/{Sid}`: ours. */
export const fetchKey = operation({
  operationId: 'FetchKey',
  method: 'GET',
  path: '/v1/Keys/:Sid',
  tag: 'Keys',
  summary: 'Fetch an API key',
  description: 'Ours: an API key of the account, without its secret.',
  params: SidParams,
  responses: { 200: { description: 'The key.', schema: ref('Key') } },
  async handle({ caller, params }, { store, publicUrl }) {
    const key = await store.accounts.findKey(params.Sid);
    if (key?.account_sid !== caller.accountSid) throw notFound(`/v1/Keys/${params.Sid}`);
    const body = JSON.stringify(renderKey(key, publicUrl));
    return { status: 200, body, etag: etagOf(body) };
  },
});
