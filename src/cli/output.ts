// Output of commands. Written through the stream, because console.log could lose output in a pipe.
import { isTime, timeText } from './time-text.ts';
import type { TableColumn } from './table.ts';
import { renderTable } from './table.ts';

export function print(text: string): void {
  process.stdout.write(text);
}

export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, withTimes, 2)}\n`);
}

const TIME_FIELD = /^(?:date_|valid_)|_update$|^next_attempt_at$/;

/** Converts times to the API's format. */
function withTimes(name: string, value: unknown): unknown {
  const isOne = TIME_FIELD.test(name) && typeof value === 'string' && isTime(value);
  return isOne ? timeText(value) : value;
}

/** Prints a list as a table that fits the terminal, or a sentence if it is empty. */
export function printTable<Row>(columns: TableColumn<Row>[], rows: Row[], nothing: string): void {
  // A terminal of unknown width reports 0.
  const width = (process.stdout.isTTY && process.stdout.columns) || Infinity;
  print(rows.length === 0 ? `${nothing}\n` : renderTable(columns, rows, width));
}
