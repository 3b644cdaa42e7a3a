// Cells as spreadsheets, tools and people write them, and what became of those that a spreadsheet took for numbers.
import type { FieldRule } from './stock-fields.ts';

/** Also what is of no width, as it comes with texts from web pages. */
const BLANKS = /[\s\u200B-\u200D\u2060]+/g;

/** The value that a cell stands for: `="8949…"`, `'8949…`, groups with blanks between, `0x…`. */
export function tidyCell(cell: string, { text, hex, prefix }: FieldRule): string {
  const inner = /^="(.*)"$/s.exec(cell)?.[1]?.replaceAll('""', '"') ?? cell;
  if (text) return inner;
  const value = inner.trim().replace(/^'/, '').replaceAll(BLANKS, '');
  const before = hex ? /^0x/i : prefix;
  return before === undefined ? value : value.replace(before, '');
}

/** That a spreadsheet writes. */
const LONGEST_NUMBER = 100;
/** Digits, of which some are gone for good. */
const SCIENTIFIC = /^[+-]?\d+[.,]?\d*e\+?\d+$/i;
const SURELY_SCIENTIFIC = /^[+-]?\d+([.,]\d+e\+?|e\+)\d+$/i;
/** A spreadsheet's numbers have 15 digits. */
const ROUNDED = /^\d{15}0{3,5}$/;

/** @returns why a value may be wrong, in brackets after a blank; empty: nothing is known */
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
