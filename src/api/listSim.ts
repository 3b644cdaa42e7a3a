import { Type } from 'typebox';
import { renderSim } from '../profile/resource.ts';
import { SIM_STATUSES } from '../profile/sim.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf, paging } from './schemas.ts';

const PATH = '/v1/Sims';

/** `GET /v1/Sims` */
export const listSim = operation({
  operationId: 'ListSim',
  method: 'GET',
  path: PATH,
  tag: 'Sims',
  summary: 'List Sims',
  description: 'The Sims that the eSIM Profiles of the account carry, newest first.',
  query: Type.Object({
    Status: Type.Optional(
      Type.Enum([...SIM_STATUSES], { type: 'string', description: 'Only Sims with this status.' }),
    ),
    Fleet: Type.Optional(
      Type.String({ description: 'Only Sims assigned to this Fleet, by its SID.' }),
    ),
    Iccid: Type.Optional(Type.String({ description: 'Only the Sim with this ICCID.' })),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('sims', 'Sim') } },
  async handle({ caller, query }, { store, publicUrl }) {
    const { Status, Fleet, Iccid } = query;
    const request = parsePageRequest(PATH, 'HS', { Status, Fleet, Iccid }, query);
    const page = await store.simPages(
      { account_sid: caller.accountSid, status: Status, fleet_sid: Fleet, iccid: Iccid },
      request.position,
      request.size,
    );
    const records = page.rows.map((row) => renderSim(row, publicUrl));
    const body = renderPage('sims', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
