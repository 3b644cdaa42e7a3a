import { Type } from 'typebox';
import { renderEuiccEvent } from '../eim/tell.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { EUICC_PATH, euiccAt, EuiccParams, EUICCS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

/** `GET /v1/Euiccs/{Sid}/Events`: ours. What happened to an eUICC and to operations on it, newest first. */
export const listEuiccEvent = operation({
  operationId: 'ListEuiccEvent',
  method: 'GET',
  path: `${EUICC_PATH}/Events`,
  tag: 'IoT devices',
  summary: 'List the events of an eUICC',
  description: 'Ours: what happened to an eUICC, and to the operations on it, newest first.',
  params: EuiccParams,
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('events', 'EuiccEvent') } },
  async handle({ caller: { accountSid }, params: { Sid }, query }, { store, publicUrl }) {
    const path = `${EUICCS_PATH}/${Sid}/Events`;
    const { sid } = await euiccAt(accountSid, Sid, path, store);
    const request = parsePageRequest(path, 'EV', {}, query);
    const page = await store.euiccEventPages(
      { account_sid: accountSid, euicc_sid: sid },
      request.position,
      request.size,
    );
    const body = renderPage('events', request, page, page.rows.map(renderEuiccEvent), publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
