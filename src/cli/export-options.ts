// What commands have in common that write many records to a file: their options, the file, and what an interrupt means.
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import { EXPORT_FORMATS, exportFile } from '../operator/export/export-file.ts';
import type { ExportFormat } from '../operator/export/export-file.ts';
import { columnsOption } from './options.ts';
import { EndWith, UsageError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

/** As a shell reports a process that was interrupted. */
const INTERRUPTED = 130;

export interface ExportOptions<Format extends string = ExportFormat> {
  format: Format;
  columns?: string[];
  spreadsheet?: true;
  output?: string;
}

export const addExportOptions = (
  command: Command,
  columns: readonly string[],
  formats: readonly string[] = EXPORT_FORMATS,
): Command =>
  command
    .addOption(
      new Option('--format <format>', 'the form of the file').choices(formats).default('csv'),
    )
    .addOption(columnsOption(columns))
    .option('--spreadsheet', 'CSV for a spreadsheet instead of a program');

export const outputOption = () =>
  new Option('--output <FILE>', 'the file to write; by default it is printed');

/** Throws `UsageError`. */
export function checkSpreadsheet({ format, spreadsheet }: ExportOptions<string>): void {
  if (spreadsheet === true && format !== 'csv') {
    throw new UsageError(`--spreadsheet is for --format csv; got ${format}`);
  }
}

/** @param known all columns. @param pages of records, as JSON */
export function exportPieces(
  { format, columns, spreadsheet }: ExportOptions,
  known: readonly string[],
  pages: AsyncIterable<string[]>,
): AsyncIterable<string> {
  const whole = columns === undefined;
  return exportFile(pages, { format, columns: columns ?? known, whole, spreadsheet });
}

/** @param signal of an interrupt, by which the pieces end */
export async function writeExport(
  pieces: AsyncIterable<string>,
  output: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (output === undefined) await pipeline(pieces, process.stdout, { end: false });
    else await writeWhole(output, pieces);
  } catch (error) {
    if (signal.aborted) throw new EndWith(INTERRUPTED);
    throw error;
  }
}
