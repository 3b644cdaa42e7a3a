// Items of a batch as CSV: a line of names, which are those of the parameters of an order, and a line for each item.
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CsvError, parse } from 'csv-parse';
import { ITEM_LIMIT } from '../operator/batch/batch.ts';
import { METADATA_KEYS_LIMIT } from '../operator/owner-fields.ts';
import { csvOptions } from '../values/batch-csv-form.ts';
import { ORDER_PARAMETERS } from './order-parser.ts';
import type { Parameters } from './order-parser.ts';

/** The file as a whole cannot be read. */
export class BatchCsvRefused extends Error {
  override name = 'BatchCsvRefused';
}

/** Others get their turn after each of these, in characters. */
const SLICE = 64 * 1024;

/** Names are compared by their letters: `Eid`, `EID`, `confirmation_code`. */
const keyOf = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
/** A key of a parameter that has keys: `Metadata.site`, `Metadata[site]`. */
const KEYED = /^Metadata(?:\.(.+)|\[(.+)\])$/is;

/** What the columns of a file may be called. */
interface Columns {
  parameters: readonly string[];
  names: ReadonlyMap<string, string>;
  /** Every parameter, with as many keys as metadata may have. */
  most: number;
}

export function columnsFor(parameters: readonly string[]): Columns {
  return {
    parameters,
    names: new Map(parameters.map((name) => [keyOf(name), name])),
    most: parameters.length + (parameters.includes('Metadata') ? METADATA_KEYS_LIMIT - 1 : 0),
  };
}

const OF_ORDERS = columnsFor(ORDER_PARAMETERS);

/** Throws `BatchCsvRefused`: in another encoding, letters would be lost without anybody noticing. */
export function decodeCsv(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  throw new BatchCsvRefused(
    'expected UTF-8; got another encoding, such as UTF-16 or Windows-1252. In a spreadsheet, save it as "CSV UTF-8"',
  );
}

/** An item, and the line of the file on which it begins. */
export interface CsvItem {
  line: number;
  /** Its parameters; of a line with too many fields, what is wrong. */
  given: Parameters | string;
}

/** What csv-parse makes of each record with its option `raw`. */
interface Raw {
  raw: string;
  record: string[];
}

/** Throws `BatchCsvRefused`. */
export async function parseBatchCsv(text: string, columns = OF_ORDERS): Promise<CsvItem[]> {
  if (text.includes('\0')) {
    throw new BatchCsvRefused(
      'expected CSV in UTF-8; got NUL characters, as UTF-16 or a workbook has',
    );
  }
  // Its own count of lines is wrong behind a line break in quotes.
  const records = parse({ ...csvOptions(text), raw: true });
  const lines = new LineCount();
  const items: CsvItem[] = [];
  let names: string[] | undefined;
  try {
    for await (const { raw, record } of Readable.from(slicesOf(text)).pipe(
      records,
    ) as AsyncIterable<Raw>) {
      const line = lines.next(raw);
      if (names === undefined) names = namesOf(record, columns);
      else items.push({ line, given: itemOf(record, names) });
      if (items.length > ITEM_LIMIT) {
        throw new BatchCsvRefused(`expected at most ${ITEM_LIMIT} items; got more`);
      }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new BatchCsvRefused(`expected CSV (RFC 4180); got: ${error.message}`, { cause: error });
  }
  if (names === undefined) {
    throw new BatchCsvRefused(`expected ${expected(columns)}; got an empty file`);
  }
  return items;
}

/** The line on which each record begins. */
class LineCount {
  #passed = 0;

  /** @param raw the text of the next record, with the empty lines before it */
  next(raw: string): number {
    const skipped = /^(?: *(?:\r\n?|\n))*/.exec(raw)![0];
    const line = this.#passed + breaksIn(skipped) + 1;
    this.#passed += breaksIn(raw);
    return line;
  }
}

const breaksIn = (text: string) => text.match(/\r\n?|\n/g)?.length ?? 0;

const expected = ({ parameters }: Columns) =>
  `a first line with names among ${parameters.join(', ')}`;

function namesOf(fields: string[], columns: Columns): string[] {
  // Spreadsheets write columns that were used once, without a name.
  const given = fields.slice(0, fields.findLastIndex((field) => field !== '') + 1);
  if (given.length > columns.most) {
    throw new BatchCsvRefused(`expected at most ${columns.most} columns; got ${given.length}`);
  }
  const names = given.map((field) => nameOf(field, columns));
  const unknown = names.indexOf(undefined);
  if (unknown !== -1 || names.length === 0) {
    const got = given[unknown]?.slice(0, 100) ?? '';
    throw new BatchCsvRefused(`expected ${expected(columns)}; got '${got}'`);
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new BatchCsvRefused(`the column ${repeated} is there twice`);
  return names as string[];
}

function nameOf(field: string, { names, parameters }: Columns): string | undefined {
  const [, dotted, bracketed] = KEYED.exec(field) ?? [];
  const key = parameters.includes('Metadata') ? (dotted ?? bracketed) : undefined;
  return key === undefined ? names.get(keyOf(field)) : `Metadata.${key}`;
}

function itemOf(fields: string[], names: string[]): Parameters | string {
  if (fields.slice(names.length).some((field) => field !== '')) {
    return `expected ${names.length} fields, as the first line has; got ${fields.length}`;
  }
  const given = names.map((name, index) => [name, plainText(fields[index] ?? '')] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ''));
}

/** Spreadsheets keep digits only as a formula that yields text. */
const plainText = (field: string) => /^="([^"]*)"$/.exec(field)?.[1] ?? field;

async function* slicesOf(text: string): AsyncIterable<string> {
  for (let at = 0; at < text.length; at += SLICE) {
    yield text.slice(at, at + SLICE);
    await nextTurn();
  }
}
