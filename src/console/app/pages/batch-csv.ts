// Reads a CSV file of orders as the server does, to show its first rows.
import { parse } from 'csv-parse/browser/esm/sync';
import { csvOptions } from '../../../values/batch-csv-form.ts';

export interface BatchRows {
  names: string[];
  /** The first ones. */
  first: string[][];
  count: number;
}

const SHOWN = 5;

/** Throws `Error` if it is no CSV. */
export function readBatchCsv(text: string): BatchRows {
  const [names, ...rows] = parse(text, csvOptions(text));
  return { names: named(names ?? []), first: rows.slice(0, SHOWN), count: rows.length };
}

/** Spreadsheets write columns that were used once, without a name. */
const named = (names: string[]) => names.slice(0, names.findLastIndex((name) => name !== '') + 1);
