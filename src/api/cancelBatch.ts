import { BatchHasEnded, cancelBatch as cancel } from '../operator/batch/batch.ts';
import { renderBatch } from '../operator/batch/resource.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ApiError } from './api-error.ts';
import { ref } from './answer-schemas.ts';
import { BATCHES_PATH, findBatch } from './batch-path.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

/** `POST /v1/ESimProfiles/Batches/{Sid}/Cancel`: ours. Repeating it is refused, and changes nothing. */
export const cancelBatch = operation({
  operationId: 'CancelBatch',
  method: 'POST',
  path: `${BATCHES_PATH}/:Sid/Cancel`,
  tag: 'Batches',
  need: 'orders',
  summary: 'Cancel a batch',
  description:
    'Ours: orders nothing more. What is ordered stays, and can be cancelled one by one; stock that was taken for the rest ' +
    'returns.',
  params: SidParams,
  responses: {
    200: {
      description: 'The batch, which has ended.',
      schema: ref('Batch'),
      example: { ...EXAMPLES.Batch, status: 'cancelled', ordered: 40, pending: 0, not_ordered: 60 },
    },
  },
  async handle({ caller, params }, { store, transact, publicUrl }) {
    const { account_sid, sid } = await findBatch(caller.accountSid, params.Sid, store, '/Cancel');
    const row = await transact((unit) => cancel({ account_sid, sid }, unit)).catch(
      (error: unknown) => {
        throw error instanceof BatchHasEnded ? new ApiError('conflict', error.message) : error;
      },
    );
    return { status: 200, body: renderBatch(row!, publicUrl) };
  },
});
