// The items of a batch as they are stored: orders and errors, which may hold secrets, sealed; SIDs and ICCIDs as JSON.
import type { MasterKey } from '../../process/keys.ts';
import type { BatchKey } from '../../store/batches.ts';
import type { BatchPartRow, BatchRow } from '../../store/schema.ts';
import type { CheckedOrder, Order } from '../placeOrder.ts';

/** An order without what all of a batch have in common. */
type KeptOrder = Omit<Order, 'accountSid' | 'batchSid' | 'cause'>;

type PartKey = Pick<BatchPartRow, 'account_sid' | 'batch_sid' | 'number'>;

/** What there is for each item of a part, by index. */
export interface Part {
  row: BatchPartRow;
  /** Null: it has an error, or is ordered. */
  orders: readonly (KeptOrder | null)[];
  errors: Map<number, string>;
  sids: (string | null)[];
  iccids: (string | null)[];
}

export const samePlace = ({ account_sid, sid }: BatchKey) =>
  `batches.same_order ${account_sid} ${sid}`;
export const partPlace = (column: string, { account_sid, batch_sid, number }: PartKey) =>
  `batch_parts.${column} ${account_sid} ${batch_sid} ${number}`;

export function sealSameOrder(key: BatchKey, order: CheckedOrder, masterKey: MasterKey): string {
  return masterKey.seal(JSON.stringify(keptOf(order)), samePlace(key));
}

export function sealOrders(
  key: PartKey,
  orders: readonly (CheckedOrder | null)[],
  masterKey: MasterKey,
): string {
  const kept = orders.map((order) => order && keptOf(order));
  return masterKey.seal(JSON.stringify(kept), partPlace('orders', key));
}

export function sealErrors(
  key: PartKey,
  errors: ReadonlyMap<number, string>,
  masterKey: MasterKey,
): string | null {
  if (errors.size === 0) return null;
  return masterKey.seal(JSON.stringify([...errors]), partPlace('errors', key));
}

function keptOf({
  accountSid: _accountSid,
  batchSid: _batchSid,
  cause: _cause,
  ...order
}: Order): KeptOrder {
  return order;
}

/** Throws `SealError`. @param batch with the order that all items are, if they are the same */
export function openPart(
  row: BatchPartRow,
  batch: Pick<BatchRow, 'account_sid' | 'sid' | 'same_order'>,
  masterKey: MasterKey,
): Part {
  const none = () => Array.from({ length: row.size }, () => null);
  return {
    row,
    orders: openOrders(row, masterKey) ?? sameOrders(row, batch, masterKey) ?? none(),
    errors: openErrors(row, masterKey),
    sids: row.sids === null ? none() : (JSON.parse(row.sids) as (string | null)[]),
    iccids: row.iccids === null ? none() : (JSON.parse(row.iccids) as (string | null)[]),
  };
}

export function openErrors(row: BatchPartRow, masterKey: MasterKey): Map<number, string> {
  if (row.errors === null) return new Map();
  return new Map(
    JSON.parse(masterKey.open(row.errors, partPlace('errors', row))) as [number, string][],
  );
}

export function openOrders(
  row: BatchPartRow,
  masterKey: MasterKey,
): (KeptOrder | null)[] | undefined {
  if (row.orders === null) return undefined;
  const orders = JSON.parse(masterKey.open(row.orders, partPlace('orders', row))) as unknown[];
  return orders.map((order) => (order === null ? null : revive(order)));
}

export function openSameOrder(
  batch: Pick<BatchRow, 'account_sid' | 'sid' | 'same_order'>,
  masterKey: MasterKey,
): KeptOrder | undefined {
  if (batch.same_order === null) return undefined;
  return revive(JSON.parse(masterKey.open(batch.same_order, samePlace(batch))));
}

function sameOrders(
  { size }: BatchPartRow,
  batch: Parameters<typeof openSameOrder>[0],
  masterKey: MasterKey,
): KeptOrder[] | undefined {
  const order = openSameOrder(batch, masterKey);
  return order && Array.from({ length: size }, () => order);
}

function revive(json: unknown): KeptOrder {
  const { expiresAt, ...order } = json as KeptOrder & { expiresAt?: string };
  return { ...order, ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }) };
}

/** Indexes of the items that have neither an eSIM Profile nor an error. */
export function openIndexes({ sids, errors }: Part): number[] {
  return [...sids.keys()].filter((index) => sids[index] === null && !errors.has(index));
}

/** A list for a column: null if nothing is in it. */
export function listColumn(values: readonly (string | null)[]): string | null {
  return values.every((value) => value === null) ? null : JSON.stringify(values);
}

/** What the SM-DP+ knows the stock of an item by, until it is ordered. */
export const identifierOf = (
  { sid }: Pick<BatchRow, 'sid'>,
  { row }: { row: Pick<BatchPartRow, 'first_item'> },
  index: number,
) => `${sid}.${row.first_item + index}`;
