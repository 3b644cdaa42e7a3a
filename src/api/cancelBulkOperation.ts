import { cancelBulk } from '../eim/fleet/bulk.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { BULK_PATH, changeBulk, findBulk } from './bulk-paths.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';
import { BULK_COUNTS } from './schemas/fleet-examples.ts';

/** `POST /v1/Euiccs/BulkOperations/{Sid}/Cancel`: ours. */
export const cancelBulkOperation = operation({
  operationId: 'CancelBulkOperation',
  method: 'POST',
  path: `${BULK_PATH}/Cancel`,
  tag: 'IoT fleets',
  need: 'orders',
  summary: 'Cancel a bulk operation',
  description:
    'Ours: gives no more eUICCs their operation, and takes back what was not sent. What was sent is not taken back; orders that were placed stay.',
  params: SidParams,
  responses: {
    200: {
      description: 'The bulk operation.',
      schema: ref('BulkOperation'),
      example: { ...EXAMPLES.BulkOperation, status: 'cancelled', counts: BULK_COUNTS },
    },
  },
  errors: { 409: 'It is not in a status from which it can be cancelled.' },
  async handle({ caller, params }, { store, transact, publicUrl }) {
    const key = await findBulk(caller.accountSid, params.Sid, store, '/Cancel');
    return changeBulk(key, '/Cancel', cancelBulk, { store, transact, publicUrl });
  },
});
