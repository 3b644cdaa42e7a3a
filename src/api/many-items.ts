// The items of a request that has many: a list, or lines of CSV, each with the parameters of one, validated one by one.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Static, TObject } from 'typebox';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import { ApiError } from './api-error.ts';
import { BatchCsvRefused, columnsFor, parseBatchCsv } from './batch-csv.ts';
import { withCommon } from './order-parser.ts';
import { normalise, validationError } from './parameters.ts';
import { validatorOf } from './validators.ts';

/** Parsed before others get their turn. */
const AT_ONCE = 200;
/** Problems that an answer names. */
const SHOWN_PROBLEMS = 100;

export interface ManyItems {
  /** Not yet validated. */
  items: readonly unknown[] | undefined;
  csv: string | undefined;
  /** Parameters that are the same for all items that do not have their own. */
  common: Record<string, unknown>;
}

/**
 * @param schema of the parameters of one
 * @param make of valid parameters; throws `ApiError` for what is wrong with them
 * @returns each, or what is wrong with it, with its line in the file. Throws `ApiError` for what is wrong with the request
 */
export async function parseMany<S extends TObject, T>(
  { items, csv, common }: ManyItems,
  schema: S,
  make: (valid: Static<S>) => T,
): Promise<(T | { problem: string })[]> {
  if ((items === undefined) === (csv === undefined)) {
    throw new ApiError(
      'invalidParameter',
      'Expected Items, a list of objects, or CSV with a line for each item',
    );
  }
  const all: { line?: number; given: unknown }[] =
    csv === undefined ? items!.map((given) => ({ given })) : await linesOf(csv, schema);
  if (all.length < 1 || all.length > ITEM_LIMIT) {
    const message = `Invalid parameter Items: expected 1 to ${ITEM_LIMIT} of them; got ${all.length}`;
    throw new ApiError('invalidParameter', message);
  }
  const validate = validatorOf(schema);
  const tidy = normalise(schema);
  const parsed: (T | { problem: string })[] = [];
  for (const { line, given } of all) {
    const place = line === undefined ? '' : ` (line ${line} of the file)`;
    try {
      const own = { ...parametersOf(given, line !== undefined) };
      tidy(own);
      const both = withCommon(own, common);
      if (!validate(both)) throw validationError(validate.errors!, 'item');
      parsed.push(make(both as Static<S>));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      parsed.push({ problem: error.message + place });
    }
    if (parsed.length % AT_ONCE === 0) await nextTurn();
  }
  return parsed;
}

async function linesOf(csv: string, schema: TObject) {
  try {
    return await parseBatchCsv(csv, columnsFor(Object.keys(schema.properties)));
  } catch (error) {
    if (!(error instanceof BatchCsvRefused)) throw error;
    throw new ApiError('invalidParameter', `Invalid CSV: ${error.message}`);
  }
}

/** @param isLine whether text is what is wrong with a line. Throws `ApiError`. */
function parametersOf(given: unknown, isLine: boolean): Record<string, unknown> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return given as Record<string, unknown>;
  }
  if (isLine && typeof given === 'string') throw new ApiError('invalidParameter', given);
  const got = JSON.stringify(given) ?? 'nothing';
  const message = `expected an object with the parameters of an item; got ${got.slice(0, 100)}`;
  throw new ApiError('invalidParameter', message);
}

/** What is wrong with items, for an answer. */
export const shownProblems = (problems: readonly { item: number; message: string }[]) => ({
  problem_count: problems.length,
  problems: problems.slice(0, SHOWN_PROBLEMS),
});

/** What is wrong with the items, so that nothing is done. */
export function refusal(problems: readonly { item: number; message: string }[], what: string) {
  const many = problems.length === 1 ? '1 item is' : `${problems.length} items are`;
  const [{ item, message } = { item: 0, message: '' }] = problems;
  return new ApiError(
    'invalidParameter',
    `${many} not valid; ${what}. Item ${item}: ${message}`,
    undefined,
    shownProblems(problems),
  );
}
