import { Type } from 'typebox';
import { ESIM_PROFILE_STATUSES } from '../profile/esim-profile.ts';
import { withBaseUrl } from '../profile/resource.ts';
import { createdBetween } from '../profile/sid.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { iccidFilter } from './iccid-filter.ts';
import { operation } from './operation.ts';
import { pageKey, parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging } from './parameter-schemas.ts';
import { parseStatusFilter, statusFilter } from './status-filter.ts';

const PATH = '/v1/ESimProfiles';

/** `GET /v1/ESimProfiles`: the hot path. Rows hold their JSON, so a page is read and joined. */
export const listEsimProfile = operation({
  operationId: 'ListEsimProfile',
  method: 'GET',
  path: PATH,
  tag: 'eSIM Profiles',
  summary: 'List eSIM Profiles',
  description: 'The eSIM Profiles of the account, newest first.',
  query: Type.Object({
    Eid: Type.Optional(Type.String({ description: 'Only profiles associated with this EID.' })),
    SimSid: Type.Optional(Type.String({ description: 'Only the profile that controls this Sim.' })),
    Status: statusFilter(ESIM_PROFILE_STATUSES, 'profiles'),
    Iccid: Type.Optional(
      Type.String({
        description:
          'Ours: only profiles whose Sim has this ICCID; its filler F and blanks do not matter.',
      }),
    ),
    MatchingId: Type.Optional(
      Type.String({ description: 'Ours: only the profile with this matching ID.' }),
    ),
    ...dateFilter('profiles'),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('esim_profiles', 'EsimProfile') } },
  async handle({ caller, query, answers }, { store, publicUrl }) {
    const { Eid, SimSid, MatchingId } = query;
    const Iccid = query.Iccid && iccidFilter(query.Iccid);
    const status = parseStatusFilter(ESIM_PROFILE_STATUSES, query.Status);
    const date = parseDateFilter(query);
    const filters = { Eid, SimSid, ...status.filters, Iccid, MatchingId, ...date.filters };
    const request = parsePageRequest(PATH, 'HP', filters, query);
    return answers.answer(`${caller.accountSid} ${pageKey(request)}`, async () => {
      const page = await store.esimProfilePages(
        {
          account_sid: caller.accountSid,
          eid: Eid,
          sim_sid: SimSid,
          status: status.statuses,
          iccid: Iccid,
          matching_id: MatchingId,
        },
        request.position,
        request.size,
        createdBetween('esimProfile', date.after, date.before),
      );
      const records = page.rows.map((row) => withBaseUrl(row.resource, publicUrl));
      return renderPage('esim_profiles', request, page, records, publicUrl);
    });
  },
});
