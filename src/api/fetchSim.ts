import { renderSim } from '../operator/resource.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/Sims/{Sid}`; accepts the unique name in place of the SID. */
export const fetchSim = operation({
  operationId: 'FetchSim',
  method: 'GET',
  path: '/v1/Sims/:Sid',
  tag: 'Sims',
  summary: 'Fetch a Sim',
  description: 'By its SID or its unique name.',
  params: SidParams,
  responses: { 200: { description: 'The Sim.', schema: ref('Sim') } },
  async handle({ caller, params }, { store, publicUrl }) {
    const sim = await store.sims.find(caller.accountSid, params.Sid);
    if (sim === undefined) throw notFound(`/v1/Sims/${params.Sid}`);
    const body = renderSim(sim, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
