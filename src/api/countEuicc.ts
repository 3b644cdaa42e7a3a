import { Type } from 'typebox';
import { countEuiccs } from '../eim/find-euiccs.ts';
import { COUNT_LIMIT } from '../operator/find-esim-profiles.ts';
import { COUNT_RESPONSES, countAnswer, countDescription } from './count-answer.ts';
import { euiccFilter, parseEuiccFilter } from './euicc-filter.ts';
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
  query: Type.Object(euiccFilter),
  responses: COUNT_RESPONSES,
  async handle({ caller: { accountSid }, query }, { store }) {
    const filter = { accountSid, ...parseEuiccFilter(query) };
    return countAnswer(await countEuiccs(filter, COUNT_LIMIT, store));
  },
});
