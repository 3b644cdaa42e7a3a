import { Type } from 'typebox';
import { COUNT_LIMIT } from '../operator/find-esim-profiles.ts';
import { COUNT_RESPONSES, countAnswer, countDescription } from './count-answer.ts';
import { operation } from './operation.ts';
import { parseSimFilter, simFilter } from './sim-filter.ts';

/** `GET /v1/Sims/Count`: ours. */
export const countSim = operation({
  operationId: 'CountSim',
  method: 'GET',
  path: '/v1/Sims/Count',
  tag: 'Sims',
  summary: 'Count Sims',
  description: countDescription('Sims', 'ListSim'),
  query: Type.Object(simFilter),
  responses: COUNT_RESPONSES,
  async handle({ caller: { accountSid }, query }, { store }) {
    const { columns, bounds } = parseSimFilter(query);
    const filter = { account_sid: accountSid, ...columns };
    return countAnswer(await store.simCount(filter, COUNT_LIMIT, bounds));
  },
});
