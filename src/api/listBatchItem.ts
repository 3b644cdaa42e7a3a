import { Type } from 'typebox';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import { ITEM_STATES, renderItem, walkItems } from '../operator/batch/batch-items.ts';
import type { BatchItem, ItemState } from '../operator/batch/batch-items.ts';
import type { BatchRow } from '../store/schema.ts';
import type { Context } from '../context.ts';
import type { Page } from '../store/pages.ts';
import { listOf } from './answer-schemas.ts';
import { BATCHES_PATH, findBatch } from './batch-path.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import type { PageRequest } from './page.ts';
import { anyOf, paging, SidParams } from './parameter-schemas.ts';

/** Items have no SID. By these keys they are in order when they are sorted as lists are, the last first. */
const PREFIX = 'BI';
const keyOf = (item: number) => PREFIX + (ITEM_LIMIT + 1 - item).toString(16).padStart(32, '0');
const itemOf = (key: string) =>
  ITEM_LIMIT + 1 - Math.min(Number(`0x${key.slice(PREFIX.length)}`), ITEM_LIMIT + 1);

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
    const page = await pageOf(batch, request, states, { store, masterKey });
    const records = page.rows.map((item) => renderItem(item, publicUrl));
    const body = renderPage('items', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});

async function pageOf(
  batch: BatchRow,
  { position, size }: PageRequest,
  states: readonly ItemState[] | undefined,
  context: Pick<Context, 'store' | 'masterKey'>,
): Promise<Page<BatchItem & { sid: string }>> {
  const isBack = position.kind === 'newer';
  const before = isBack ? itemOf(position.than) : Infinity;
  const from = position.kind === 'older' ? itemOf(position.than) + 1 : 1;
  const found: BatchItem[] = [];
  // Back from an item: all before it are looked at if only some are wanted, and otherwise just those of the page.
  const start = isBack && states === undefined ? Math.max(1, before - size - 1) : from;
  for await (const items of walkItems(batch, { from: start, states }, context)) {
    found.push(...items.filter(({ item }) => item < before));
    if (items.at(-1)!.item >= before || (!isBack && found.length > size)) break;
  }
  const rows = isBack ? found.slice(-size) : found.slice(0, size);
  return {
    rows: rows.map((item) => ({ ...item, sid: keyOf(item.item) })),
    more: found.length > size,
  };
}
