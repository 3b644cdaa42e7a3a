// CSV (RFC 4180) that a spreadsheet opens without running anything, and from which a program gets back every value.
import { stringify } from 'csv-stringify/sync';

/**
 * What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection"), also behind apostrophes. Such text gets
 * one more apostrophe in front, so a reader restores it by removing one from whatever matches with at least one.
 */
const FORMULA = /^'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;
/** What spreadsheets take for a number or a date, losing zeros at the beginning and digits after the fifteenth. */
const NUMBER = /^\d[\d.,:/eE+ -]{0,200}$/;
/** Without it, Excel reads the file in the code page of its machine. */
export const BYTE_ORDER_MARK = '\uFEFF';

const OPTIONS = { record_delimiter: '\r\n', quoted_match: /[\r\n]/ } as const;

/**
 * Lines of CSV, each ended by CR LF.
 * @param spreadsheet as spreadsheets display them unchanged: a text that looks like a number is the formula `="…"`
 */
export function csvLines(records: readonly (readonly unknown[])[], spreadsheet: boolean): string {
  const form = spreadsheet ? spreadsheetText : plainText;
  return stringify(
    records.map((values) => values.map((value) => (isCount(value) ? value : form(textOf(value))))),
    OPTIONS,
  );
}

/** Such as the number of an item, which is to be sorted as one; identifiers are texts. */
const isCount = (value: unknown) => typeof value === 'number';

const plainText = (text: string) => (FORMULA.test(text) ? `'${text}` : text);

const spreadsheetText = (text: string) => (NUMBER.test(text) ? `="${text}"` : plainText(text));

/** Nothing for null; JSON for what has parts. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
