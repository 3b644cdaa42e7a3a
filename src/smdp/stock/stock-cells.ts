// Normalises cells written by spreadsheets, tools and people, and detects values damaged by spreadsheets.
import type { FieldRule } from './stock-fields.ts';

/** Including zero-width characters, as in text from web pages. */
const BLANKS = /[\s\u200B-\u200D\u2060]+/g;

/** The value of a cell written as `="8949…"`, `'8949…`, groups separated by spaces, or `0x…`. */
export function tidyCell(cell: string, { text, hex, prefix }: FieldRule): string {
  const inner = /^="(.*)"$/s.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell;
  if (text) return inner;
  const value = inner.trim().replace(/^'/, '').replaceAll(BLANKS, '');
  const before = hex ? /^0x/i : prefix;
  return before === undefined ? value : value.replace(before, '');
}

/** The longest number that a spreadsheet writes. */
const LONGEST_NUMBER = 100;
/** Scientific notation, which has lost digits. */
const SCIENTIFIC = /^[+-]?\d+[.,]?\d*e\+?\d+$/i;
const SURELY_SCIENTIFIC = /^[+-]?\d+([.,]\d+e\+?|e\+)\d+$/i;
/** Spreadsheets keep 15 digits of a number. */
const ROUNDED = /^\d{15}0{3,5}$/;

/** @returns a likely cause of a wrong value, in parentheses after a space, or empty */
export function causeOf(value: string, { text, hex, zerosLost }: FieldRule): string {
  if (text || value.length > LONGEST_NUMBER) return '';
  if ((hex ? SURELY_SCIENTIFIC : SCIENTIFIC).test(value)) {
    return " (looks like a spreadsheet's scientific notation: keep the column as text, and export it again)";
  }
  if (/^\d+[.,]0+$/.test(value)) return ' (looks like a decimal number: keep the column as text)';
  if (zerosLost?.test(value)) {
    return ' (looks as if a spreadsheet had dropped leading zeros: keep the column as text)';
  }
  return ROUNDED.test(value)
    ? ' (looks rounded by a spreadsheet to 15 digits: keep the column as text, and export it again)'
    : '';
}
