import { Type } from 'typebox';
import { renderEsimProfileEvent } from '../operator/resource.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging, SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}/Events`: ours. What happened to a profile, newest first. */
export const listEsimProfileEvent = operation({
  operationId: 'ListEsimProfileEvent',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid/Events',
  tag: 'eSIM Profiles',
  summary: 'List the events of an eSIM Profile',
  description: 'Ours: every transition of an eSIM Profile with its time and cause, newest first.',
  params: SidParams,
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('events', 'EsimProfileEvent') } },
  async handle({ caller, params, query }, { store, publicUrl }) {
    const path = `/v1/ESimProfiles/${params.Sid}/Events`;
    const profile = await store.esimProfiles.findResource(caller.accountSid, params.Sid);
    if (profile === undefined) throw notFound(path);
    const request = parsePageRequest(path, 'EV', {}, query);
    const page = await store.esimProfileEventPages(
      { account_sid: caller.accountSid, esim_profile_sid: params.Sid },
      request.position,
      request.size,
    );
    const records = page.rows.map(renderEsimProfileEvent);
    const body = renderPage('events', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
