// A list as a file: CSV, or JSON Lines (a record per line).
import { BYTE_ORDER_MARK, csvLines } from './csv.ts';

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportForm {
  format: ExportFormat;
  /** The columns of CSV, or the fields of each line of JSON. */
  columns: readonly string[];
  /** Whether lines of JSON are the whole resources, whatever their fields are. */
  whole: boolean;
  /** CSV for a spreadsheet instead of a program. */
  spreadsheet?: boolean | undefined;
  /** Whether a last line tells that the file is complete. */
  endMark?: boolean | undefined;
}

type Resource = Record<string, unknown>;

/**
 * The pieces of the file; the first has the first records, so whatever prevents a file is thrown before any.
 * @param pages rendered resources
 */
export async function* exportFile(
  pages: AsyncIterable<readonly string[]>,
  form: ExportForm,
): AsyncGenerator<string> {
  const { head, body, end } = renderingOf(form);
  let before = head;
  let count = 0;
  for await (const page of pages) {
    count += page.length;
    yield before + body(page);
    before = '';
  }
  const last = before + (form.endMark === true ? end(count) : '');
  if (last !== '') yield last;
}

/** How the parts of a file are written. */
export interface Rendering {
  head: string;
  body: (page: readonly string[]) => string;
  end: (count: number) => string;
}

export function renderingOf(form: ExportForm): Rendering {
  return form.format === 'csv' ? csvForm(form) : jsonLinesForm(form);
}

function csvForm({ columns, spreadsheet = false }: ExportForm): Rendering {
  const lines = (records: unknown[][]) => csvLines(records, spreadsheet);
  return {
    head: (spreadsheet ? BYTE_ORDER_MARK : '') + lines([[...columns]]),
    body: (page) =>
      lines(
        page.map((json) => {
          const resource = JSON.parse(json) as Resource;
          return columns.map((column) => resource[column]);
        }),
      ),
    // As many cells as in every line (RFC 4180 §2).
    end: (count) => lines([columns.map((_, index) => (index === 0 ? `END ${count}` : ''))]),
  };
}

function jsonLinesForm({ columns, whole }: ExportForm): Rendering {
  const line = (json: string) => {
    if (whole) return `${json}\n`;
    const resource = JSON.parse(json) as Resource;
    const chosen = columns.map((column) => [column, resource[column] ?? null]);
    return `${JSON.stringify(Object.fromEntries(chosen))}\n`;
  };
  return {
    head: '',
    body: (page) => page.map(line).join(''),
    end: (count) => `${JSON.stringify({ end: count })}\n`,
  };
}
