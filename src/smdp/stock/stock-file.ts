// Reads a stock file row by row: CSV as written by spreadsheets of any locale, and other tabular text.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { finished } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { BLANKS, findDialect, findNoText, HEAD_SIZE, withoutGaps } from './stock-dialect.ts';
import type { Dialect } from './stock-dialect.ts';
import type { ColumnMapping } from './stock-mapping.ts';

export interface Row {
  /** The line on which the row begins, from 1. */
  line: number;
  fields: string[];
}

/** The file is not valid CSV at some line. */
export class CsvSyntaxError extends Error {
  override name = 'CsvSyntaxError';
  readonly line: number;

  constructor(line: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}

/** Bytes processed per turn of the event loop, which may contain thousands of short rows. */
const READ_SIZE = 16 * 1024;
const RECORD_LIMIT = 64 * 1024;

/** The file has more rows than allowed; nothing was imported. */
export class StockFileTooLong extends Error {
  override name = 'StockFileTooLong';
}

/** Replaces the parser's error messages, which contain values. */
const SYNTAX: Partial<Record<string, string>> = {
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE:
    'expected a delimiter or a line end after a closing quote',
  CSV_QUOTE_NOT_CLOSED: 'expected a closing quote; got the end of the file',
  CSV_MAX_RECORD_SIZE: `expected a row of at most ${RECORD_LIMIT} characters; got a longer one`,
};

/** One pass over a file, from the beginning. */
export class StockReading {
  readonly #file: FileHandle;
  readonly #mappings: readonly ColumnMapping[];
  readonly #rowLimit: number;
  readonly #digest = createHash('sha256');
  /** Number of bytes read. */
  bytes = 0;
  /** Known from the first row on. */
  dialect: Dialect | undefined;

  /**
   * @param mappings also help to recognise the header row
   * @param rowLimit maximum number of rows after the header, including blank ones, which take as long to read
   */
  constructor(file: FileHandle, mappings: readonly ColumnMapping[], rowLimit = Infinity) {
    this.#file = file;
    this.#mappings = mappings;
    this.#rowLimit = rowLimit;
  }

  /**
   * The non-blank rows in batches, the header first. Throws `CsvSyntaxError` or `StockFileTooLong` after the
   * preceding rows.
   */
  async *rows(): AsyncGenerator<Row[]> {
    const dialect = (this.dialect = await this.#findDialect());
    const before = dialect.line - 1;
    const rows: Row[] = [];
    let lastLine = 0;
    let left = 1 + this.#rowLimit;
    const parser = parse({
      ...(dialect.delimiter === ' ' ? BLANKS : { delimiter: dialect.delimiter, trim: true }),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      // ="…" marks text for spreadsheets.
      relax_quotes: true,
      max_record_size: RECORD_LIMIT,
      on_record(record: (string | undefined)[], { lines }) {
        if (left-- === 0) throw new StockFileTooLong();
        lastLine = lines;
        const fields = dialect.delimiter === ' ' ? withoutGaps(record) : (record as string[]);
        if (fields.some((field) => field !== '')) rows.push({ line: before + lines, fields });
        return null;
      },
    });
    // Errors are also reported to the callbacks of `write` and `end`.
    parser.on('error', () => {}).resume();
    for await (const chunk of this.#chunks(dialect)) {
      const error = await new Promise((done) => parser.write(chunk, done));
      if (rows.length > 0) yield rows.splice(0).map(atItsFirstLine);
      if (error) throw syntaxError(error, before + lastLine + 1);
    }
    const error = await new Promise((done) => finished(parser.end(), done));
    if (rows.length > 0) yield rows.splice(0).map(atItsFirstLine);
    if (error) throw syntaxError(error, before + lastLine + 1);
  }

  /** Digest of everything read, for comparing two passes. */
  digest(): string {
    return this.#digest.digest('hex');
  }

  /** The file as UTF-8, from the header row on. */
  async *#chunks({ encoding, start }: Dialect): AsyncGenerator<Buffer> {
    const decoder = encoding === 'utf-8' ? undefined : new TextDecoder(encoding);
    let skip = start;
    const read = this.#file.createReadStream({
      start: 0,
      autoClose: false,
      highWaterMark: READ_SIZE,
    });
    for await (const bytes of read as AsyncIterable<Buffer>) {
      this.bytes += bytes.length;
      this.#digest.update(bytes);
      const chunk = decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes;
      if (chunk.length > skip) yield skip === 0 ? chunk : chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
    }
  }

  /** Throws `CsvSyntaxError` if the file is not text. */
  async #findDialect(): Promise<Dialect> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(HEAD_SIZE), 0, HEAD_SIZE, 0);
    const head = buffer.subarray(0, bytesRead);
    const problem = findNoText(head);
    if (problem !== undefined) throw new CsvSyntaxError(1, problem);
    return findDialect(head, this.#mappings);
  }
}

/** The parser reports the line on which a row ends. */
function atItsFirstLine({ line, fields }: Row): Row {
  for (const field of fields) {
    if (/[\r\n]/.test(field)) line -= field.split(/\r\n|\n|\r/).length - 1;
  }
  return { line, fields };
}

/** @param line on which the row begins */
function syntaxError(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const message = SYNTAX[error.code] ?? 'expected a row of CSV';
  return new CsvSyntaxError(line, message, { cause: error });
}
