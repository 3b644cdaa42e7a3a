import { Type } from 'typebox';
import { renderEuicc } from '../eim/euiccs.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { EUICCS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { Eid, paging } from './parameter-schemas.ts';

/** `GET /v1/Euiccs`: ours. */
export const listEuicc = operation({
  operationId: 'ListEuicc',
  method: 'GET',
  path: EUICCS_PATH,
  tag: 'IoT devices',
  summary: 'List eUICCs',
  description:
    'Ours: the eUICCs that the eIM manages, newest first, with what is on them as last reported.',
  query: Type.Object({
    Eid: Type.Optional({ ...Eid, description: 'Only the one with this EID.' }),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('euiccs', 'Euicc') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { Eid: given, ...page } = query;
    const eid = given?.toUpperCase();
    const request = parsePageRequest(EUICCS_PATH, 'EU', { Eid: eid }, page);
    const found = await store.euiccPages(
      { account_sid: accountSid, eid },
      request.position,
      request.size,
    );
    const records = found.rows.map((row) => renderEuicc(row, publicUrl));
    const body = renderPage('euiccs', request, found, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
