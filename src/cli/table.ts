// Text tables for people.
import { paint } from './paint.ts';
import type { Style } from './paint.ts';
import { cutText, textWidth } from './text-width.ts';
import { isTime, timeText } from './time-text.ts';

export interface TableColumn<Row> {
  title: string;
  value: (row: Row) => string | number | null;
  style?: (row: Row) => Style | undefined;
  /** May be cut on a narrow terminal. Never for values that people copy. */
  flexible?: true;
}

const GAP = '  ';
const LEAST_FLEXIBLE = 16;

/**
 * Columns as wide as necessary, numbers right-aligned, no trailing spaces. To fit the width of a terminal, flexible
 * columns are cut first; then columns are dropped from the right, and named below.
 */
export function renderTable<Row>(
  columns: TableColumn<Row>[],
  rows: Row[],
  width = Infinity,
): string {
  const values = rows.map((row) => columns.map((column) => column.value(row)));
  const natural = columns.map((column, index) =>
    Math.max(column.title.length, ...values.map((cells) => textWidth(shown(cells[index]!)))),
  );
  const widths = fit(columns, natural, width);
  const right = columns.map((_, index) => values.some((cells) => typeof cells[index] === 'number'));

  function line(cells: (string | number | null)[], style: (index: number) => Style | undefined) {
    const padded = widths.map((columnWidth, index) => {
      const text = cutText(shown(cells[index]!), columnWidth);
      const pad = ' '.repeat(columnWidth - textWidth(text));
      const painted = paint(text, style(index));
      return right[index] ? pad + painted : painted + pad;
    });
    return `${padded.join(GAP).trimEnd()}\n`;
  }

  const titles = line(
    columns.map(({ title }) => title),
    () => 'bold',
  );
  const lines = values.map((cells, at) =>
    line(cells, (index) => columns[index]!.style?.(rows[at]!)),
  );
  const leftOff = columns.slice(widths.length).map(({ title }) => title);
  const note = `\nA wider terminal also shows: ${leftOff.join(', ')}\n`;
  return titles + lines.join('') + (leftOff.length === 0 ? '' : note);
}

/** Widths of as many columns from the left as fit. */
function fit(columns: TableColumn<never>[], natural: number[], width: number): number[] {
  for (let count = columns.length; count > 1; count--) {
    const widths = natural.slice(0, count);
    const flexible = widths.keys().filter((index) => columns[index]!.flexible === true);
    let over = widths.reduce((sum, each) => sum + each) + GAP.length * (count - 1) - width;
    for (const index of [...flexible].toSorted((a, b) => widths[b]! - widths[a]!)) {
      const least = Math.max(columns[index]!.title.length, LEAST_FLEXIBLE);
      const cut = Math.max(0, Math.min(over, widths[index]! - least));
      widths[index]! -= cut;
      over -= cut;
    }
    if (over <= 0) return widths;
  }
  return natural.slice(0, 1);
}

/** A single record, one name and value per line. */
export function renderFields(fields: [name: string, value: string | number | null][]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => `${paint(name.padEnd(width), 'bold')}${GAP}${shown(value)}\n`)
    .join('');
}

/** Control characters, and those that change the writing direction. */
const STEERING = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Renders times in one format, and escapes characters with which untrusted text could control the terminal. */
function shown(value: string | number | null): string {
  if (value === null || value === '') return '-';
  if (typeof value === 'string' && isTime(value)) return timeText(value);
  return String(value).replaceAll(
    STEERING,
    (sign) => `\\x${sign.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}
