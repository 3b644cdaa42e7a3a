// A preview of how a stock file is interpreted, with its first rows, but without codes and keys.
import type { FileHandle } from 'node:fs/promises';
import { parseRow, readCell } from './stock-csv.ts';
import type { Encoding } from './stock-dialect.ts';
import type { ColumnName } from './stock-fields.ts';
import { CsvSyntaxError, StockReading } from './stock-file.ts';
import type { Row } from './stock-file.ts';
import type { Column, Problem } from './stock-header.ts';
import type { ColumnMapping } from './stock-mapping.ts';
import { isOpen, kindOf } from './stock-secrecy.ts';
import { StockTable } from './stock-table.ts';

export interface StockPreview {
  encoding: Encoding;
  /** One character; a space stands for any number of spaces and tabs. */
  delimiter: string;
  /** The line of the header row; undefined if there is none. */
  headerLine: number | undefined;
  columns: PreviewedColumn[];
  /** The first few. */
  rows: PreviewedRow[];
  /** Errors in the names and in these rows; other rows may have more. */
  problems: Problem[];
}

export interface PreviewedColumn {
  /** From 1. */
  number: number;
  /** Undefined if it has none. */
  title: string | undefined;
  /** Undefined if it is ignored. */
  field: ColumnName | undefined;
}

export interface PreviewedRow {
  line: number;
  /** A value for each column, or its length if it may be a secret. */
  cells: string[];
}

export const PREVIEWED_ROWS = 5;

/** @param file only its first rows are needed */
export async function previewStock(
  file: FileHandle,
  mappings: readonly ColumnMapping[],
  iccidCheckDigit: boolean,
): Promise<StockPreview> {
  const reading = new StockReading(file, mappings);
  const table = new StockTable(reading, mappings);
  const rows: Row[] = [];
  const problems: Problem[] = [];
  try {
    for await (const some of table.rows()) {
      rows.push(...some.slice(0, PREVIEWED_ROWS - rows.length));
      if (rows.length === PREVIEWED_ROWS) break;
    }
  } catch (error) {
    if (!(error instanceof CsvSyntaxError)) throw error;
    problems.push({ line: error.line, text: error.message });
  }
  const { header } = table;
  const { columns = [] } = header ?? {};
  if (header !== undefined) problems.unshift(...header.problems);
  else if (problems.length === 0)
    problems.push({ line: 1, text: 'expected column names; got nothing' });
  for (const { line, fields } of header?.problems.length === 0 ? rows : []) {
    problems.push(...parseRow(fields, columns, line, iccidCheckDigit).problems);
  }
  const { encoding = 'utf-8', delimiter = ',', line } = reading.dialect ?? {};
  return {
    encoding,
    delimiter,
    headerLine: header === undefined || header.isData ? undefined : line,
    columns: columns.map(({ number, title, name }) => ({
      number,
      title: title === '' ? undefined : title,
      field: name,
    })),
    rows: rows.map(({ line: at, fields }) => ({ line: at, cells: cellsOf(fields, columns) })),
    problems,
  };
}

function cellsOf(fields: readonly string[], columns: readonly Column[]): string[] {
  return columns.map(({ name, rule }, index) => {
    const cell = fields[index] ?? '';
    if (name === undefined || rule === undefined) return kindOf(cell);
    const { value, isRight } = readCell(name, cell, rule);
    return isRight && isOpen(value, rule) ? value : kindOf(value);
  });
}
