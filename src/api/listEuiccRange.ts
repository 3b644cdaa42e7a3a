import { Type } from 'typebox';
import { renderRange } from '../eim/ranges.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { EUICC_RANGES_PATH } from './euicc-range-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

/** `GET /v1/EuiccRanges`: ours. */
export const listEuiccRange = operation({
  operationId: 'ListEuiccRange',
  method: 'GET',
  path: EUICC_RANGES_PATH,
  tag: 'IoT devices',
  summary: 'List ranges of EIDs',
  description: 'Ours: newest first, with how many eUICCs each has registered.',
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('euicc_ranges', 'EuiccRange') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const request = parsePageRequest(EUICC_RANGES_PATH, 'ER', {}, query);
    const page = await store.euiccRangePages(
      { account_sid: accountSid },
      request.position,
      request.size,
    );
    const records = page.rows.map((row) => JSON.stringify(renderRange(row, publicUrl)));
    const body = renderPage('euicc_ranges', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
