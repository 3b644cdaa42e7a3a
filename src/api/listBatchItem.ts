import { Type } from 'typebox';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import { ITEM_STATES, renderItem, walkItems } from '../operator/batch/batch-items.ts';
import { listOf } from './answer-schemas.ts';
import { BATCHES_PATH, findBatch } from './batch-path.ts';
import { etagOf } from './etag.ts';
import { itemPages } from './item-pages.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { anyOf, paging, SidParams } from './parameter-schemas.ts';

const PREFIX = 'BI';
const pageOf = itemPages(PREFIX, ITEM_LIMIT);

/** `GET /v1/ESimProfiles/Batches/{Sid}/Items`: ours. */
export const listBatchItem = operation({
  operationId: 'ListBatchItem',
  method: 'GET',
  path: `${BATCHES_PATH}/:Sid/Items`,
  tag: 'Batches',
  summary: 'List the items of a batch',
  description:
    'Ours: what became of each item, in the order of the request, with its eSIM Profile as it is now, or what is wrong with it.',
  params: SidParams,
  query: Type.Object({
    State: Type.Optional(
      anyOf(
        ITEM_STATES,
        'Only items in this state, or in one of several, repeated or separated by commas.',
      ),
    ),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('items', 'BatchItem') } },
  async handle({ caller, params, query }, { store, masterKey, publicUrl }) {
    const { State: states } = query;
    const path = `${BATCHES_PATH}/${params.Sid}/Items`;
    const request = parsePageRequest(path, PREFIX, { State: states }, query);
    const batch = await findBatch(caller.accountSid, params.Sid, store, '/Items');
    const page = await pageOf(request, states !== undefined, (from) =>
      walkItems(batch, { from, states }, { store, masterKey }),
    );
    const records = page.rows.map((item) => renderItem(item, publicUrl));
    const body = renderPage('items', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
