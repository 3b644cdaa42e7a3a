import { Type } from 'typebox';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { callbackRecords } from './callback-records.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging, SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}/Callbacks`: ours. The callbacks about a profile, newest first. */
export const listEsimProfileCallback = operation({
  operationId: 'ListEsimProfileCallback',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid/Callbacks',
  tag: 'eSIM Profiles',
  summary: 'List the callbacks of an eSIM Profile',
  description:
    'Ours: the callbacks about an eSIM Profile, with every attempt to deliver them, newest first.',
  params: SidParams,
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('callbacks', 'Callback') } },
  async handle({ caller, params, query }, { store, publicUrl }) {
    const { accountSid } = caller;
    const path = `/v1/ESimProfiles/${params.Sid}/Callbacks`;
    const profile = await store.esimProfiles.findResource(accountSid, params.Sid);
    if (profile === undefined) throw notFound(path);
    const request = parsePageRequest(path, 'CB', {}, query);
    const page = await store.callbackPages(
      { account_sid: accountSid, resource_sid: params.Sid },
      request.position,
      request.size,
    );
    const records = await callbackRecords(accountSid, page.rows, { store, publicUrl });
    const body = renderPage('callbacks', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
