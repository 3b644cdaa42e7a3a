// Detects the dialect of a stock file: encoding, delimiter, and position of the header row.
import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { countNamed } from './stock-header.ts';
import type { ColumnMapping } from './stock-mapping.ts';

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

export interface Dialect {
  encoding: Encoding;
  /** One character; a space stands for any number of spaces and tabs. */
  delimiter: string;
  /** Offset of the header row, in bytes of the file as UTF-8. */
  start: number;
  /** The line on which it begins, from 1. */
  line: number;
}

/** Size of the part of the file searched for the header row. */
export const HEAD_SIZE = 64 * 1024;
/** Number of lines searched, including titles and comments. */
const LINES = 64;
/** Larger than any header row. */
const NAMES_SIZE = 16 * 1024;
/** In order of preference, if several yield the same number of columns. */
const DELIMITERS = [',', ';', '\t', '|', ' '];
/** A row with fewer known names may be a title. */
const ENOUGH = 2;

/** csv-parse options for fields separated by any number of spaces. */
export const BLANKS = {
  delimiter: [' ', '\t'],
  trim: false,
  // An empty field must be quoted.
  cast: (field: string, { quoting }: { quoting: boolean }) =>
    field === '' && !quoting ? undefined : field,
};

export const withoutGaps = (fields: (string | undefined)[]): string[] =>
  fields.filter((field) => field !== undefined);

/** Binary file types, by their first bytes. */
const NO_TEXT: readonly [magic: string, expected: string][] = [
  [
    '504b0304',
    'expected text; got a workbook or another archive (.xlsx, .ods, .zip): save it as CSV',
  ],
  ['d0cf11e0', 'expected text; got a workbook of an old Excel (.xls): save it as CSV'],
  ['1f8b', 'expected text; got a compressed file (.gz)'],
  ['25504446', 'expected text; got a PDF'],
];

/** @returns an error if the file is not text */
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
  // A truncated character at the end does not matter.
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

  /** Without known names: the delimiter that yields the most fields in the first row. */
  function widest(): string {
    const first = text.slice(lines[best?.index ?? 0]?.start ?? 0).slice(0, NAMES_SIZE);
    const sizes = delimiters.map((delimiter) => firstRow(first, delimiter).length);
    return separator ?? delimiters[sizes.indexOf(Math.max(...sizes))]!;
  }
}

/** Size of the byte order mark. UTF-16's is removed in the conversion to UTF-8. */
function markSize(head: Buffer): number {
  return head.toString('hex', 0, 3) === 'efbbbf' ? 3 : 0;
}

/** By the byte order mark; without one, UTF-16 is recognised by zeros between Latin letters. */
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
  /** Excel's `sep=;` line before the header row. */
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
