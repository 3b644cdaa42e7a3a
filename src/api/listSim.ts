import { Type } from 'typebox';
import { renderSim } from '../operator/resource.ts';
import { createdBetween } from '../values/sid.ts';
import { SIM_STATUSES } from '../operator/sim.ts';
import { etagOf } from './etag.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { iccidFilter } from './iccid-filter.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

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
    Status: statusFilter(SIM_STATUSES, 'Sims'),
    Fleet: Type.Optional(
      Type.String({ description: 'Only Sims assigned to this Fleet, by its SID.' }),
    ),
    Iccid: Type.Optional(
      Type.String({
        description: 'Only the Sim with this ICCID; its filler F and spaces are ignored.',
      }),
    ),
    UniqueName: Type.Optional(
      Type.String({ description: 'Ours: only the Sim with this unique name.' }),
    ),
    ...dateFilter('Sims'),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('sims', 'Sim') } },
  async handle({ caller, query }, { store, publicUrl }) {
    const { Fleet, UniqueName } = query;
    const Iccid = query.Iccid && iccidFilter(query.Iccid);
    const status = parseStatusFilter(SIM_STATUSES, query.Status);
    const date = parseDateFilter(query);
    const filters = { ...status.filters, Fleet, Iccid, UniqueName, ...date.filters };
    const request = parsePageRequest(PATH, 'HS', filters, query);
    const page = await store.simPages(
      {
        account_sid: caller.accountSid,
        status: status.statuses,
        fleet_sid: Fleet,
        iccid: Iccid,
        unique_name: UniqueName,
      },
      request.position,
      request.size,
      createdBetween('sim', date.after, date.before),
    );
    const records = page.rows.map((row) => renderSim(row, publicUrl));
    const body = renderPage('sims', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
