// What commands print. Through the stream, so that a pipe gets all of it.
import { isTime, timeText } from './time-text.ts';
import type { TableColumn } from './table.ts';
import { renderTable } from './table.ts';

export function print(text: string): void {
  process.stdout.write(text);
}

export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, withTimes, 2)}\n`);
}

const TIME_FIELD = /^(?:date_|valid_|next_attempt_at$)/;

/** Times in the API's form, in whatever form they are stored. */
function withTimes(name: string, value: unknown): unknown {
  const isOne = TIME_FIELD.test(name) && typeof value === 'string' && isTime(value);
  return isOne ? timeText(value) : value;
}

/** A list as a table that fits the terminal, or when there is nothing in it a sentence that says so. */
export function printTable<Row>(columns: TableColumn<Row>[], rows: Row[], nothing: string): void {
  // A terminal that does not know its width says 0.
  const width = (process.stdout.isTTY && process.stdout.columns) || Infinity;
  print(rows.length === 0 ? `${nothing}\n` : renderTable(columns, rows, width));
}
