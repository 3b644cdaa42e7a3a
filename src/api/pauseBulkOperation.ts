import { pauseBulk } from '../eim/fleet/bulk.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { BULK_PATH, changeBulk, findBulk } from './bulk-paths.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';
import { BULK_COUNTS } from './schemas/fleet-examples.ts';

/** `POST /v1/Euiccs/BulkOperations/{Sid}/Pause`: ours. */
export const pauseBulkOperation = operation({
  operationId: 'PauseBulkOperation',
  method: 'POST',
  path: `${BULK_PATH}/Pause`,
  tag: 'IoT fleets',
  need: 'orders',
  summary: 'Pause a bulk operation',
  description:
    'Ours: gives no more eUICCs their operation, and sends nothing that was not sent. What was sent goes on.',
  params: SidParams,
  responses: {
    200: {
      description: 'The bulk operation.',
      schema: ref('BulkOperation'),
      example: { ...EXAMPLES.BulkOperation, status: 'paused', counts: BULK_COUNTS },
    },
  },
  errors: { 409: 'It is not in a status from which it can be paused.' },
  async handle({ caller, params }, { store, transact, publicUrl }) {
    const key = await findBulk(caller.accountSid, params.Sid, store, '/Pause');
    return changeBulk(key, '/Pause', pauseBulk, { store, transact, publicUrl });
  },
});
