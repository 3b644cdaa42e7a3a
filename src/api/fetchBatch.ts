import { countStatuses, renderBatch } from '../operator/batch/resource.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { BATCHES_PATH, findBatch } from './batch-path.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/ESimProfiles/Batches/{Sid}`: ours. */
export const fetchBatch = operation({
  operationId: 'FetchBatch',
  method: 'GET',
  path: `${BATCHES_PATH}/:Sid`,
  tag: 'Batches',
  summary: 'Fetch a batch',
  description: 'Ours: how far a batch has got, and how many of its eSIM Profiles have each status.',
  params: SidParams,
  responses: {
    200: {
      description: 'The batch.',
      schema: ref('Batch'),
      example: {
        ...EXAMPLES.Batch,
        esim_profiles: {
          new: 0,
          reserving: 0,
          available: 38,
          downloaded: 1,
          installed: 1,
          failed: 0,
        },
      },
    },
  },
  async handle({ caller, params }, { store, publicUrl }) {
    const batch = await findBatch(caller.accountSid, params.Sid, store);
    const body = renderBatch(batch, publicUrl, await countStatuses(batch, store));
    return { status: 200, body, etag: etagOf(body) };
  },
});
