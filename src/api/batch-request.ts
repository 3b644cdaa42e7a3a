// What a request for a batch asks for: its items, parsed one by one, and what is wrong with them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import type { NewBatch, NewItem } from '../operator/batch/batch.ts';
import type { OrderRules } from '../operator/placeOrder.ts';
import { ApiError } from './api-error.ts';
import { BatchCsvRefused, parseBatchCsv } from './batch-csv.ts';
import { orderParser } from './order-parser.ts';
import type { Parameters } from './order-parser.ts';

/** Parsed before others get their turn. */
const AT_ONCE = 200;

export interface Asked {
  count: number | undefined;
  /** Not yet validated. */
  items: readonly unknown[] | undefined;
  csv: string | undefined;
  /** Parameters that are the same for all items. */
  common: Parameters;
}

/** Throws `ApiError` for what is wrong with the request as a whole, or with the order that all items are. */
export async function parseItems(
  { count, items, csv, common }: Asked,
  placing: { accountSid: string; rules: OrderRules },
): Promise<NewBatch['items']> {
  if ([count, items, csv].filter((given) => given !== undefined).length !== 1) {
    throw new ApiError(
      'invalidParameter',
      'Expected one of: Count, with the parameters that all items have; Items, a list of objects; or CSV with a line for each item',
    );
  }
  if (common['MatchingId'] !== undefined) {
    throw new ApiError(
      'invalidParameter',
      'Invalid parameter MatchingId: expected it of single items, because no two orders may have the same',
    );
  }
  const parse = orderParser(placing);
  if (count !== undefined) {
    const order = parse({}, common);
    if (typeof order === 'string') throw new ApiError('invalidParameter', order);
    return { order, count };
  }
  const given = items ?? (await parseCsv(csv!));
  if (given.length < 1 || given.length > ITEM_LIMIT) {
    throw new ApiError(
      'invalidParameter',
      `Invalid parameter Items: expected 1 to ${ITEM_LIMIT} of them; got ${given.length}`,
    );
  }
  const parsed: NewItem[] = [];
  for (const one of given) {
    const order = csv !== undefined && typeof one === 'string' ? one : parse(one, common);
    parsed.push(typeof order === 'string' ? { problem: order } : { order });
    if (parsed.length % AT_ONCE === 0) await nextTurn();
  }
  return parsed;
}

async function parseCsv(csv: string): Promise<(Parameters | string)[]> {
  try {
    return await parseBatchCsv(csv);
  } catch (error) {
    if (!(error instanceof BatchCsvRefused)) throw error;
    throw new ApiError('invalidParameter', `Invalid CSV: ${error.message}`);
  }
}
