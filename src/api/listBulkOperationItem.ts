import { Type } from 'typebox';
import { BULK_LIMIT } from '../eim/fleet/bulk.ts';
import { BULK_ITEM_STATES, renderBulkItem, walkBulkItems } from '../eim/fleet/bulk-items.ts';
import type { BulkItemState, ShownItem } from '../eim/fleet/bulk-items.ts';
import type { BulkOperationRow } from '../store/schema.ts';
import type { Page } from '../store/pages.ts';
import type { Store } from '../store/store.ts';
import { listOf } from './answer-schemas.ts';
import { BULK_PATH, BULKS_PATH, findBulk } from './bulk-paths.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import type { PageRequest } from './page.ts';
import { anyOf, paging, SidParams } from './parameter-schemas.ts';

/** Items have no SID. By these keys they are in order when they are sorted as lists are, the last first. */
const PREFIX = 'BI';
const keyOf = (item: number) => PREFIX + (BULK_LIMIT + 1 - item).toString(16).padStart(32, '0');
const itemOf = (key: string) =>
  BULK_LIMIT + 1 - Math.min(Number(`0x${key.slice(PREFIX.length)}`), BULK_LIMIT + 1);

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
    const page = await pageOf(bulk, request, states, store);
    const records = page.rows.map(renderBulkItem);
    const body = renderPage('items', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});

async function pageOf(
  bulk: BulkOperationRow,
  { position, size }: PageRequest,
  states: readonly BulkItemState[] | undefined,
  store: Store,
): Promise<Page<ShownItem & { sid: string }>> {
  const isBack = position.kind === 'newer';
  const before = isBack ? itemOf(position.than) : Infinity;
  const from = position.kind === 'older' ? itemOf(position.than) + 1 : 1;
  const found: ShownItem[] = [];
  // Back from an item: all before it are looked at if only some are wanted, and otherwise just those of the page.
  const start = isBack && states === undefined ? Math.max(1, before - size - 1) : from;
  for await (const items of walkBulkItems(bulk, { from: start, states }, store)) {
    found.push(...items.filter(({ item }) => item < before));
    if (items.at(-1)!.item >= before || (!isBack && found.length > size)) break;
  }
  const rows = isBack ? found.slice(-size) : found.slice(0, size);
  return {
    rows: rows.map((item) => ({ ...item, sid: keyOf(item.item) })),
    more: found.length > size,
  };
}
