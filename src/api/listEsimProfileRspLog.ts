import { Type } from 'typebox';
import { findRspLog, renderRspLogEntry } from '../smdp/download/rsp-log.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging, SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}/RspLog`: ours. The messages of devices and the SM-DP+ about a profile, newest first. */
export const listEsimProfileRspLog = operation({
  operationId: 'ListEsimProfileRspLog',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid/RspLog',
  tag: 'eSIM Profiles',
  summary: 'List the RSP log of an eSIM Profile',
  description:
    'Ours: every ES9+ call about an eSIM Profile, and the ES12 calls that announced it, with its device, its result in words and its ' +
    'messages in ASN.1 value notation, newest first.',
  params: SidParams,
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('rsp_log', 'RspLogEntry') } },
  async handle({ caller, params, query }, { store, publicUrl }) {
    const path = `/v1/ESimProfiles/${params.Sid}/RspLog`;
    const profile = await store.esimProfiles.findResource(caller.accountSid, params.Sid);
    if (profile === undefined) throw notFound(path);
    const request = parsePageRequest(path, 'RL', {}, query);
    const about = { accountSid: caller.accountSid, order: params.Sid };
    const page = await findRspLog(about, request.position, request.size, store);
    const records = page.rows.map(renderRspLogEntry);
    const body = renderPage('rsp_log', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
