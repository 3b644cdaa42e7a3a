// What `simwright stock import --dry-run` shows of a file: how its columns are understood.
import { open } from 'node:fs/promises';
import type { ColumnMapping } from '../smdp/stock/stock-mapping.ts';
import { IGNORE } from '../smdp/stock/stock-mapping.ts';
import { previewStock } from '../smdp/stock/stock-preview.ts';
import type { PreviewedColumn } from '../smdp/stock/stock-preview.ts';
import { printTable } from './output.ts';
import type { TableColumn } from './table.ts';

interface Line extends PreviewedColumn {
  first: string;
}

const COLUMNS: TableColumn<Line>[] = [
  { title: 'COLUMN', value: ({ number }) => String(number) },
  { title: 'NAME', value: ({ title }) => title ?? null },
  { title: 'FIELD', value: ({ field }) => field ?? IGNORE },
  { title: 'FIRST ROW', value: ({ first }) => first },
];

/** Prints a table of the columns; nothing when the file has none. */
export async function printPreview(
  path: string,
  mappings: readonly ColumnMapping[],
  iccidCheckDigit: boolean,
): Promise<void> {
  await using file = await open(path);
  // What cannot be read twice is refused by the import, in better words.
  if (!(await file.stat()).isFile()) return;
  const { columns, rows } = await previewStock(file, mappings, iccidCheckDigit);
  if (columns.length === 0) return;
  const lines = columns.map((column, index) => ({ ...column, first: rows[0]?.cells[index] ?? '' }));
  printTable(COLUMNS, lines, '');
}
