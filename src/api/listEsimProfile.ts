import { Type } from 'typebox';
import { findEsimProfiles } from '../operator/find-esim-profiles.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { createdBetween } from '../values/sid.ts';
import { esimProfileFilter, parseEsimProfileFilter, toSearchError } from './esim-profile-filter.ts';
import { operation } from './operation.ts';
import { pageKey, parsePageRequest, renderPage } from './page.ts';
import { listOf } from './answer-schemas.ts';
import { paging } from './parameter-schemas.ts';

const PATH = '/v1/ESimProfiles';

/** `GET /v1/ESimProfiles`: the hot path. Rows store their JSON, so a page only reads and joins. */
export const listEsimProfile = operation({
  operationId: 'ListEsimProfile',
  method: 'GET',
  path: PATH,
  tag: 'eSIM Profiles',
  summary: 'List eSIM Profiles',
  description: 'The eSIM Profiles of the account, newest first.',
  query: Type.Object({ ...esimProfileFilter(), ...paging }),
  responses: { 200: { description: 'A page.', schema: listOf('esim_profiles', 'EsimProfile') } },
  async handle({ caller: { accountSid }, query, answers }, { store, publicUrl }) {
    const { columns, conditions, after, before, filters } = parseEsimProfileFilter(query);
    const request = parsePageRequest(PATH, 'HP', filters, query);
    return answers.answer(`${accountSid} ${pageKey(request)}`, async () => {
      const page = await findEsimProfiles(
        { accountSid, columns, ...conditions },
        request.position,
        request.size,
        createdBetween('esimProfile', after, before),
        store,
      ).catch((error: unknown) => {
        throw toSearchError(error);
      });
      const records = page.rows.map((row) => withBaseUrl(row.resource, publicUrl));
      return renderPage('esim_profiles', request, page, records, publicUrl);
    });
  },
});
