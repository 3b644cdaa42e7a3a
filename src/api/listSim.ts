import { Type } from 'typebox';
import { renderSim } from '../operator/resource.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging } from './parameter-schemas.ts';
import { parseSimFilter, simFilter } from './sim-filter.ts';

const PATH = '/v1/Sims';

/** `GET /v1/Sims` */
export const listSim = operation({
  operationId: 'ListSim',
  method: 'GET',
  path: PATH,
  tag: 'Sims',
  summary: 'List Sims',
  description: 'The Sims that the eSIM Profiles of the account carry, newest first.',
  query: Type.Object({ ...simFilter, ...paging }),
  responses: { 200: { description: 'A page.', schema: listOf('sims', 'Sim') } },
  async handle({ caller, query }, { store, publicUrl }) {
    const { columns, bounds, filters } = parseSimFilter(query);
    const request = parsePageRequest(PATH, 'HS', filters, query);
    const page = await store.simPages(
      { account_sid: caller.accountSid, ...columns },
      request.position,
      request.size,
      bounds,
    );
    const records = page.rows.map((row) => renderSim(row, publicUrl));
    const body = renderPage('sims', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
