import { resumeBulk } from '../eim/fleet/bulk.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { BULK_PATH, changeBulk, findBulk } from './bulk-paths.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';
import { BULK_COUNTS } from './schemas/fleet-examples.ts';

/** `POST /v1/Euiccs/BulkOperations/{Sid}/Resume`: ours. */
export const resumeBulkOperation = operation({
  operationId: 'ResumeBulkOperation',
  method: 'POST',
  path: `${BULK_PATH}/Resume`,
  tag: 'IoT fleets',
  need: 'orders',
  summary: 'Resume a bulk operation',
  description:
    'Ours: one that is `paused` or `halted`. Of a halted one, those that have failed by now no longer count against `MaximumFailures`, and its canaries count as passed.',
  params: SidParams,
  responses: {
    200: {
      description: 'The bulk operation.',
      schema: ref('BulkOperation'),
      example: { ...EXAMPLES.BulkOperation, status: 'running', counts: BULK_COUNTS },
    },
  },
  errors: { 409: 'It is not in a status from which it can be resumed.' },
  async handle({ caller, params }, { store, transact, publicUrl }) {
    const key = await findBulk(caller.accountSid, params.Sid, store, '/Resume');
    return changeBulk(key, '/Resume', resumeBulk, { store, transact, publicUrl });
  },
});
