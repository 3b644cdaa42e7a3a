// Reads a CSV file of orders as the server does, to show its first rows, and on which line each item is.
import { parse } from 'csv-parse/browser/esm/sync';
import { csvOptions } from '../../../values/batch-csv-form.ts';

export interface BatchRows {
  names: string[];
  /** The first ones. */
  first: string[][];
  /** The line of each item in the file, from 1. */
  lines: number[];
}

const SHOWN = 5;

/** What the parser's option `raw` makes of each record. */
interface Raw {
  raw: string;
  record: string[];
}

/** Throws `Error` if it is no CSV. */
export function readBatchCsv(text: string): BatchRows {
  // Its count of lines is wrong behind a line break in quotes.
  const records = parse(text, { ...csvOptions(text), raw: true }) as unknown as Raw[];
  const lines: number[] = [];
  let passed = 0;
  for (const { raw } of records) {
    const skipped = /^(?: *(?:\r\n?|\n))*/.exec(raw)![0];
    lines.push(passed + breaksIn(skipped) + 1);
    passed += breaksIn(raw);
  }
  const [names, ...items] = records.map(({ record }) => record);
  return { names: named(names ?? []), first: items.slice(0, SHOWN), lines: lines.slice(1) };
}

/** Spreadsheets write columns that were used once, without a name. */
const named = (names: string[]) => names.slice(0, names.findLastIndex((name) => name !== '') + 1);

const breaksIn = (text: string) => text.match(/\r\n?|\n/g)?.length ?? 0;
