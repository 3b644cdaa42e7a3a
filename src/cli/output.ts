// What commands print. Through the stream, so that a pipe gets all of it.
import type { TableColumn } from './table.ts';
import { renderTable } from './table.ts';

export function print(text: string): void {
  process.stdout.write(text);
}

export function printJson(value: unknown): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

/** A list as a table that fits the terminal, or when there is nothing in it a sentence that says so. */
export function printTable<Row>(columns: TableColumn<Row>[], rows: Row[], nothing: string): void {
  // A terminal that does not know its width says 0.
  const width = (process.stdout.isTTY && process.stdout.columns) || Infinity;
  print(rows.length === 0 ? `${nothing}\n` : renderTable(columns, rows, width));
}
