import { Type } from 'typebox';
import { ESIM_PROFILE_STATUSES } from '../profile/esim-profile.ts';
import { withBaseUrl } from '../profile/resource.ts';
import { createdBetween } from '../profile/sid.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { operation } from './operation.ts';
import { pageKey, parsePageRequest, renderPage } from './page.ts';
import { anyOf, listOf, paging } from './schemas.ts';

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
    Status: Type.Optional(
      anyOf(
        ESIM_PROFILE_STATUSES,
        'Only profiles with this status. Ours: or with one of several, repeated or with commas between.',
      ),
    ),
    Iccid: Type.Optional(
      Type.String({ description: 'Ours: only profiles whose Sim has this ICCID.' }),
    ),
    MatchingId: Type.Optional(
      Type.String({ description: 'Ours: only the profile with this matching ID.' }),
    ),
    ...dateFilter('profiles'),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('esim_profiles', 'EsimProfile') } },
  async handle({ caller, query, answers }, { store, publicUrl }) {
    const { Eid, SimSid, Iccid, MatchingId } = query;
    // Each once, in the order of life: one request is written in one way.
    const Status =
      query.Status && ESIM_PROFILE_STATUSES.filter((status) => query.Status!.includes(status));
    const { after, before, filters: dates } = parseDateFilter(query);
    const filters = { Eid, SimSid, Status, Iccid, MatchingId, ...dates };
    const request = parsePageRequest(PATH, 'HP', filters, query);
    return answers.answer(`${caller.accountSid} ${pageKey(request)}`, async () => {
      const page = await store.esimProfilePages(
        {
          account_sid: caller.accountSid,
          eid: Eid,
          sim_sid: SimSid,
          status: Status,
          iccid: Iccid,
          matching_id: MatchingId,
        },
        request.position,
        request.size,
        createdBetween('esimProfile', after, before),
      );
      const records = page.rows.map((row) => withBaseUrl(row.resource, publicUrl));
      return renderPage('esim_profiles', request, page, records, publicUrl);
    });
  },
});
