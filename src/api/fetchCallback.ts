import { renderCallback } from '../operator/resource.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/Callbacks/{Sid}`: ours. */
export const fetchCallback = operation({
  operationId: 'FetchCallback',
  method: 'GET',
  path: '/v1/Callbacks/:Sid',
  tag: 'Callbacks',
  summary: 'Fetch a callback',
  description: 'Ours: a callback about an eSIM Profile or a Sim, with every attempt to deliver it.',
  params: SidParams,
  responses: { 200: { description: 'The callback.', schema: ref('Callback') } },
  async handle({ caller, params }, { store, publicUrl }) {
    const callback = await store.callbacks.find(caller.accountSid, params.Sid);
    if (callback === undefined) throw notFound(`/v1/Callbacks/${params.Sid}`);
    const attempts = await store.callbacks.attempts(caller.accountSid, callback.sid);
    const body = renderCallback(callback, attempts, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
