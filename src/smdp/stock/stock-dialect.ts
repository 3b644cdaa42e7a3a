// How a stock file is written: its encoding, what is between the fields, and where the names of its columns are.
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { countNamed } from './stock-header.ts';
import type { ColumnMapping } from './stock-mapping.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface Dialect {
  encoding: Encoding;
  /** One character; a blank stands for any number of blanks and tabs. */
  delimiter: string;
  /** Where the row of names begins, in bytes of the file as UTF-8. */
  start: number;
  /** The line that it begins on, from 1. */
  line: number;
}

/** Of the file, in which the names are looked for. */
export const HEAD_SIZE = 64 * 1024;
/** Lines, titles and comments before the names included. */
const LINES = 64;
/** More than any row of names has. */
const NAMES_SIZE = 16 * 1024;
/** In the order of preference, where one names as many columns as another. */
const DELIMITERS = [',', ';', '\t', '|', ' '];
/** A row that names fewer columns may be a title. */
const ENOUGH = 2;

/** How csv-parse reads fields between which there is any number of blanks. */
export const BLANKS = {
  delimiter: [' ', '\t'],
  trim: false,
  // An empty field stands only between quotes.
  cast: (field: string, { quoting }: { quoting: boolean }) =>
    field === '' && !quoting ? undefined : field,
};

export const withoutGaps = (fields: (string | undefined)[]): string[] =>
  fields.filter((field) => field !== undefined);

/** What a file is that cannot be text, by its first bytes. */
const NO_TEXT: readonly [magic: string, expected: string][] = [
  [
    '504b0304',
    'expected text; got a workbook or another archive (.xlsx, .ods, .zip): save it as CSV',
  ],
  ['d0cf11e0', 'expected text; got a workbook of an old Excel (.xls): save it as CSV'],
  ['1f8b', 'expected text; got a compressed file (.gz)'],
  ['25504446', 'expected text; got a PDF'],
];

/** @returns what is wrong with a file that is no text at all */
export function findNoText(head: Buffer): string | undefined {
  const start = head.toString('hex', 0, 8);
  const known = NO_TEXT.find(([magic]) => start.startsWith(magic))?.[1];
  if (known !== undefined) return known;
  return encodingOf(head) === 'utf-8' && head.includes(0)
    ? 'expected text; got a file with NUL bytes'
    : undefined;
}

/** @param head the beginning of the file */
export function findDialect(head: Buffer, mappings: readonly ColumnMapping[]): Dialect {
  const encoding = encodingOf(head);
  // Half a character at its end is no matter.
  const text = new TextDecoder(encoding).decode(head);
  const lines = linesOf(text);
  const separator = lines.find((line) => line.separator !== undefined)?.separator;
  const delimiters = [...new Set([separator ?? ',', ...DELIMITERS])];
  let best: { index: number; delimiter: string; named: number } | undefined;
  for (const isComment of [false, true]) {
    for (const [index, line] of lines.entries()) {
      if (line.isBlank || line.separator !== undefined || line.isComment !== isComment) continue;
      for (const delimiter of delimiters) {
        const fields = firstRow(text.slice(line.start, line.start + NAMES_SIZE), delimiter);
        const named = countNamed(fields, mappings);
        if (best === undefined || named > best.named) best = { index, delimiter, named };
      }
      if (best !== undefined && best.named >= ENOUGH) return dialectOf(best.index, best.delimiter);
    }
  }
  return dialectOf(best?.index ?? 0, best?.named ? best.delimiter : widest());

  function dialectOf(index: number, delimiter: string): Dialect {
    const start = Buffer.byteLength(text.slice(0, lines[index]?.start ?? 0));
    return { encoding, delimiter, start: start + markSize(head), line: index + 1 };
  }

  /** Where no name is known: what makes the most of the first row. */
  function widest(): string {
    const first = text.slice(lines[best?.index ?? 0]?.start ?? 0).slice(0, NAMES_SIZE);
    const sizes = delimiters.map((delimiter) => firstRow(first, delimiter).length);
    return separator ?? delimiters[sizes.indexOf(Math.max(...sizes))]!;
  }
}

/** UTF-16's is gone when it has become UTF-8. */
function markSize(head: Buffer): number {
  return head.toString('hex', 0, 3) === 'efbbbf' ? 3 : 0;
}

/** By the byte order mark; without one, Latin letters of UTF-16 have zeros between. */
function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const letters = [0, 2, 4, 6].every((at) => head[at] && head[at + 1] === 0);
  if (letters) return 'utf-16le';
  return [0, 2, 4, 6].every((at) => head[at] === 0 && head[at + 1]) ? 'utf-16be' : 'utf-8';
}

interface Line {
  /** In characters. */
  start: number;
  isBlank: boolean;
  isComment: boolean;
  /** What Excel writes and reads as `sep=;`, before the names. */
  separator?: string;
}

const SEPARATOR = /^"?sep=(\\t|[^\w\r\n])"?[\s,;|]*$/i;

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  for (const { 0: line, index } of text.matchAll(/[^\r\n]*(?:\r\n|\r|\n|$)/g)) {
    if (lines.length === LINES) break;
    const content = line.replace(/[\r\n]+$/, '');
    const separator = SEPARATOR.exec(content)?.[1];
    lines.push({
      start: index,
      isBlank: /^[\s,;|"]*$/.test(content),
      isComment: /^\s*"?#/.test(content),
      ...(separator === undefined ? {} : { separator: separator === '\\t' ? '\t' : separator }),
    });
  }
  return lines;
}

function firstRow(text: string, delimiter: string): string[] {
  const options = { to: 1, relax_column_count: true, relax_quotes: true };
  try {
    const [fields = []] =
      delimiter === ' '
        ? parse(text, { ...options, ...BLANKS }).map(withoutGaps)
        : parse(text, { ...options, delimiter, trim: true });
    return fields;
  } catch (error) {
    if (error instanceof CsvError) return [];
    throw error;
  }
}
