import { Type } from 'typebox';
import { countEsimProfiles } from '../operator/find-esim-profiles.ts';
import { createdBetween } from '../values/sid.ts';
import { COUNT_RESPONSES, countAnswer, countDescription } from './count-answer.ts';
import { esimProfileFilter, parseEsimProfileFilter, toSearchError } from './esim-profile-filter.ts';
import { operation } from './operation.ts';

/** `GET /v1/ESimProfiles/Count`: ours. */
export const countEsimProfile = operation({
  operationId: 'CountEsimProfile',
  method: 'GET',
  path: '/v1/ESimProfiles/Count',
  tag: 'eSIM Profiles',
  summary: 'Count eSIM Profiles',
  description: countDescription('eSIM Profiles', 'ListEsimProfile'),
  query: Type.Object(esimProfileFilter()),
  responses: COUNT_RESPONSES,
  async handle({ caller: { accountSid }, query }, { store }) {
    const { columns, conditions, after, before } = parseEsimProfileFilter(query);
    const filter = { accountSid, columns, ...conditions };
    const bounds = createdBetween('esimProfile', after, before);
    const counted = await countEsimProfiles(filter, bounds, store).catch((error: unknown) => {
      throw toSearchError(error);
    });
    return countAnswer(counted);
  },
});
