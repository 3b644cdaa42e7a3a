// Text in columns, for people.
import { paint } from './paint.ts';
import type { Style } from './paint.ts';

export interface TableColumn<Row> {
  title: string;
  value: (row: Row) => string | number | null;
  style?: (row: Row) => Style | undefined;
}

const GAP = '  ';

/** Columns as wide as they must be, numbers to the right, nothing cut off, no blanks at the end. */
export function renderTable<Row>(columns: TableColumn<Row>[], rows: Row[]): string {
  const values = rows.map((row) => columns.map((column) => column.value(row)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...values.map((cells) => shown(cells[index]!).length)),
  );
  const right = columns.map((_, index) => values.some((cells) => typeof cells[index] === 'number'));

  function line(cells: (string | number | null)[], style: (index: number) => Style | undefined) {
    const padded = cells.map((cell, index) => {
      const text = shown(cell);
      const pad = ' '.repeat(widths[index]! - text.length);
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
  return titles + lines.join('');
}

/** One thing: a name and a value a line. */
export function renderFields(fields: [name: string, value: string | number | null][]): string {
  const width = Math.max(...fields.map(([name]) => name.length));
  return fields
    .map(([name, value]) => `${paint(name.padEnd(width), 'bold')}${GAP}${shown(value)}\n`)
    .join('');
}

/** What strangers wrote must not steer the terminal, so that control characters are shown as such. */
function shown(value: string | number | null): string {
  if (value === null || value === '') return '-';
  return String(value).replaceAll(
    /\p{Cc}/gu,
    (sign) => `\\x${sign.codePointAt(0)!.toString(16).padStart(2, '0')}`,
  );
}
