// The preview of `simwright stock import --dry-run`: how a file's columns are interpreted.
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

/** Prints a table of the columns, or nothing if the file has none. */
export async function printPreview(
  path: string,
  mappings: readonly ColumnMapping[],
  iccidCheckDigit: boolean,
): Promise<void> {
  await using file = await open(path);
  // A pipe cannot be read twice; the import refuses it with a better message.
  if (!(await file.stat()).isFile()) return;
  const { columns, rows } = await previewStock(file, mappings, iccidCheckDigit);
  if (columns.length === 0) return;
  const lines = columns.map((column, index) => ({ ...column, first: rows[0]?.cells[index] ?? '' }));
  printTable(COLUMNS, lines, '');
}
