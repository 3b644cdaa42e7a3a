import { withBaseUrl } from '../operator/resource.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/{Sid}` */
export const fetchEsimProfile = operation({
  operationId: 'FetchEsimProfile',
  method: 'GET',
  path: '/v1/ESimProfiles/:Sid',
  tag: 'eSIM Profiles',
  summary: 'Fetch an eSIM Profile',
  description: 'An order and its current status.',
  params: SidParams,
  responses: {
    200: { description: 'The eSIM Profile.', schema: ref('EsimProfile') },
  },
  async handle({ caller, params }, { store, publicUrl }) {
    const resource = await store.esimProfiles.findResource(caller.accountSid, params.Sid);
    if (resource === undefined) throw notFound(`/v1/ESimProfiles/${params.Sid}`);
    const body = withBaseUrl(resource, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
