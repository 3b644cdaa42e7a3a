import { Type } from 'typebox';
import { BULK_LIMIT } from '../eim/fleet/bulk.ts';
import { BULK_ITEM_STATES, renderBulkItem, walkBulkItems } from '../eim/fleet/bulk-items.ts';
import { listOf } from './answer-schemas.ts';
import { BULK_PATH, BULKS_PATH, findBulk } from './bulk-paths.ts';
import { etagOf } from './etag.ts';
import { itemPages } from './item-pages.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { anyOf, paging, SidParams } from './parameter-schemas.ts';

const PREFIX = 'BI';
const pageOf = itemPages(PREFIX, BULK_LIMIT);

/** `GET /v1/Euiccs/BulkOperations/{Sid}/Items`: ours. */
export const listBulkOperationItem = operation({
  operationId: 'ListBulkOperationItem',
  method: 'GET',
  path: `${BULK_PATH}/Items`,
  tag: 'IoT fleets',
  summary: 'List the items of a bulk operation',
  description:
    'Ours: each eUICC, in the order of the request, with the state of its operation; of a download that is enabled then, of ' +
    'the enable.',
  params: SidParams,
  query: Type.Object({
    State: Type.Optional(
      anyOf(
        BULK_ITEM_STATES,
        'Only items in this state, or in one of several, repeated or separated by commas.',
      ),
    ),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('items', 'BulkOperationItem') } },
  async handle({ caller, params, query }, { store, publicUrl }) {
    const { State: states } = query;
    const path = `${BULKS_PATH}/${params.Sid}/Items`;
    const request = parsePageRequest(path, PREFIX, { State: states }, query);
    const bulk = await findBulk(caller.accountSid, params.Sid, store, '/Items');
    const page = await pageOf(request, states !== undefined, (from) =>
      walkBulkItems(bulk, { from, states }, store),
    );
    const records = page.rows.map(renderBulkItem);
    const body = renderPage('items', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
