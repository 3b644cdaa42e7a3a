import { Type } from 'typebox';
import { ESIM_PROFILE_STATUSES } from '../profile/esim-profile.ts';
import { withBaseUrl } from '../profile/resource.ts';
import { operation } from './operation.ts';
import { pageKey, parsePageRequest, renderPage } from './page.ts';
import { listOf, paging } from './schemas.ts';

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
      Type.Enum([...ESIM_PROFILE_STATUSES], {
        type: 'string',
        description: 'Only profiles with this status.',
      }),
    ),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('esim_profiles', 'EsimProfile') } },
  async handle({ caller, query, answers }, { store, publicUrl }) {
    const { Eid, SimSid, Status } = query;
    const request = parsePageRequest(PATH, 'HP', { Eid, SimSid, Status }, query);
    return answers.answer(`${caller.accountSid} ${pageKey(request)}`, async () => {
      const page = await store.esimProfilePages(
        { account_sid: caller.accountSid, eid: Eid, sim_sid: SimSid, status: Status },
        request.position,
        request.size,
      );
      const records = page.rows.map((row) => withBaseUrl(row.resource, publicUrl));
      return renderPage('esim_profiles', request, page, records, publicUrl);
    });
  },
});
