import { countBulk } from '../eim/fleet/bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { BULK_PATH, findBulk } from './bulk-paths.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';
import { BULK_COUNTS } from './schemas/fleet-examples.ts';

/** `GET /v1/Euiccs/BulkOperations/{Sid}`: ours. */
export const fetchBulkOperation = operation({
  operationId: 'FetchBulkOperation',
  method: 'GET',
  path: BULK_PATH,
  tag: 'IoT fleets',
  summary: 'Fetch a bulk operation',
  description: 'Ours: how far it has got: how many of its eUICCs are in each state.',
  params: SidParams,
  responses: {
    200: {
      description: 'The bulk operation.',
      schema: ref('BulkOperation'),
      example: { ...EXAMPLES.BulkOperation, counts: BULK_COUNTS },
    },
  },
  async handle({ caller, params }, { store, publicUrl }) {
    const row = await findBulk(caller.accountSid, params.Sid, store);
    const body = renderBulk(row, publicUrl, await countBulk(row, store));
    return { status: 200, body, etag: etagOf(body) };
  },
});
