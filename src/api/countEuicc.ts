import { Type } from 'typebox';
import { countEuiccs } from '../eim/fleet/find-euiccs.ts';
import { COUNT_LIMIT } from '../operator/find-esim-profiles.ts';
import { COUNT_RESPONSES, countAnswer, countDescription } from './count-answer.ts';
import { euiccFilter, euiccSearch, parseEuiccSearch } from './euicc-filter.ts';
import { EUICCS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';

/** `GET /v1/Euiccs/Count`: ours. */
export const countEuicc = operation({
  operationId: 'CountEuicc',
  method: 'GET',
  path: `${EUICCS_PATH}/Count`,
  tag: 'IoT devices',
  summary: 'Count eUICCs',
  description: countDescription('eUICCs', 'ListEuicc'),
  query: Type.Object({ ...euiccSearch, ...euiccFilter }),
  responses: COUNT_RESPONSES,
  async handle({ caller: { accountSid }, query }, { store }) {
    const { filter } = await parseEuiccSearch(accountSid, query, store);
    return countAnswer(await countEuiccs(filter, COUNT_LIMIT, store));
  },
});
