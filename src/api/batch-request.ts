// What a request for a batch asks for: its items, parsed one by one, and what is wrong with them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import type { NewBatch, NewItem } from '../operator/batch/batch.ts';
import type { OrderRules } from '../operator/placeOrder.ts';
import { ApiError } from './api-error.ts';
import { BatchCsvRefused, parseBatchCsv } from './batch-csv.ts';
import type { CsvItem } from './batch-csv.ts';
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
  const all: { line?: number; given: unknown }[] =
    csv === undefined ? items!.map((one) => ({ given: one })) : await parseCsv(csv);
  if (all.length < 1 || all.length > ITEM_LIMIT) {
    throw new ApiError(
      'invalidParameter',
      `Invalid parameter Items: expected 1 to ${ITEM_LIMIT} of them; got ${all.length}`,
    );
  }
  const parsed: NewItem[] = [];
  for (const { line, given } of all) {
    const order = line !== undefined && typeof given === 'string' ? given : parse(given, common);
    const place = line === undefined ? '' : ` (line ${line} of the file)`;
    parsed.push(typeof order === 'string' ? { problem: order + place } : { order });
    if (parsed.length % AT_ONCE === 0) await nextTurn();
  }
  return parsed;
}

async function parseCsv(csv: string): Promise<CsvItem[]> {
  try {
    return await parseBatchCsv(csv);
  } catch (error) {
    if (!(error instanceof BatchCsvRefused)) throw error;
    throw new ApiError('invalidParameter', `Invalid CSV: ${error.message}`);
  }
}
