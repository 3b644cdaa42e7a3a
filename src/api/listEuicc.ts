import { Type } from 'typebox';
import { renderEuicc } from '../eim/euiccs.ts';
import { findEuiccs } from '../eim/fleet/find-euiccs.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { euiccFilter, euiccSearch, parseEuiccSearch } from './euicc-filter.ts';
import { EUICCS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

/** `GET /v1/Euiccs`: ours. */
export const listEuicc = operation({
  operationId: 'ListEuicc',
  method: 'GET',
  path: EUICCS_PATH,
  tag: 'IoT devices',
  summary: 'List eUICCs',
  description:
    'Ours: the eUICCs that the eIM manages, newest first, with what is on them as last reported. A search looks through so many ' +
    'for a page, which may so have fewer records than asked for, or none, and a next page.',
  query: Type.Object({
    ...euiccSearch,
    ...euiccFilter,
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('euiccs', 'Euicc') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { filter, filters } = await parseEuiccSearch(accountSid, query, store);
    const request = parsePageRequest(EUICCS_PATH, 'EU', filters, query);
    const found = await findEuiccs(filter, request.position, request.size, store);
    const records = found.rows.map((row) => renderEuicc(row, publicUrl));
    const body = renderPage('euiccs', request, found, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
