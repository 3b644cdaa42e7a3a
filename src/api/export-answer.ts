// What all exports of lists have in common: their parameters, and the file as a stream.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Context } from '../context.ts';
import { EXPORT_FORMATS, exportFile, renderingOf } from '../operator/export/export-file.ts';
import type { ExportFormat } from '../operator/export/export-file.ts';
import type { ResponseBody, StreamAnswer } from './operation.ts';
import { anyOf } from './parameter-schemas.ts';

const MEDIA_TYPES: Record<ExportFormat, string> = {
  csv: 'text/csv',
  jsonl: 'application/x-ndjson',
};

/** @param columns of the list */
export const exportParameters = (columns: readonly string[]) => ({
  Columns: Type.Optional(
    anyOf(
      columns,
      'Only these columns, in this order; repeated or separated by commas. By default all, in the order shown here; ' +
        'new ones are added at the end.',
    ),
  ),
  Spreadsheet: Type.Optional(
    Type.Boolean({
      description:
        'CSV for a spreadsheet: begins with a byte order mark, and what looks like a number is written as `="…"`, so ' +
        'that no digit is lost. Programs should read the file without it.',
    }),
  ),
  EndMark: Type.Optional(
    Type.Boolean({
      description:
        'Adds a last line with the number of records, by which a stored file can be recognised as complete: `END n` in ' +
        'the first column, or `{"end":n}`.',
    }),
  ),
});

const Parameters = Type.Object(exportParameters([]));

export const formatParameter = <const T extends string>(
  formats: readonly T[],
  description: string,
) => Type.Optional(Type.Enum([...formats], { type: 'string', default: 'csv', description }));

export const FORMAT_DESCRIPTION =
  '`csv`: RFC 4180 in UTF-8, with a line of column names; text that a spreadsheet would take for a formula begins with ' +
  'an apostrophe. `jsonl`: JSON Lines, a resource per line.';

/** Response headers of an export. */
export const EXPORT_HEADERS = {
  'Cache-Control': 'Keeps caches from storing the file.',
  'Content-Disposition': 'A file name with the time of the export.',
  'X-Accel-Buffering': 'Asks proxies not to buffer.',
  'X-Content-Type-Options': 'Keeps browsers from guessing another type.',
};

/** @param resource an example of the records */
export const exportResponse = (columns: readonly string[], resource: object): ResponseBody => ({
  description: 'The file. If the connection breaks before the last chunk, the file is incomplete.',
  content: Object.fromEntries(
    EXPORT_FORMATS.map((format) => {
      const { head, body } = renderingOf({ format, columns, whole: true });
      const example = head + body([JSON.stringify(resource)]);
      return [MEDIA_TYPES[format], Type.String({ examples: [example] })];
    }),
  ),
});

/** Headers of a file to be saved. @param name without the time and the extension */
export function fileHeaders(name: string, extension: string, now: Date): Record<string, string> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return {
    'Content-Disposition': `attachment; filename="${name}-${time}.${extension}"`,
    'X-Content-Type-Options': 'nosniff',
  };
}

/**
 * @param list.name of the file
 * @param list.pages rendered resources, newest first
 */
export function exportAnswer(
  query: Static<typeof Parameters> & { Format?: ExportFormat },
  list: {
    name: string;
    columns: readonly string[];
    pages: (signal: AbortSignal) => AsyncIterable<string[]>;
  },
  { now }: Pick<Context, 'now'>,
): StreamAnswer {
  const { Format: format = 'csv', Columns: chosen, Spreadsheet: spreadsheet, EndMark } = query;
  const form = {
    format,
    columns: chosen === undefined ? list.columns : [...new Set(chosen)],
    whole: chosen === undefined,
    spreadsheet,
    endMark: EndMark,
  };
  return {
    contentType: `${MEDIA_TYPES[format]}; charset=utf-8${format === 'csv' ? '; header=present' : ''}`,
    headers: fileHeaders(list.name, format, now()),
    isFile: true,
    pieces: (signal) => exportFile(list.pages(signal), form),
  };
}
