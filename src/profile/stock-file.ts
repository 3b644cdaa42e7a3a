// Reads a stock file row by row: CSV as spreadsheets of any country write it.
import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { finished } from 'node:stream';
import { CsvError, parse } from 'csv-parse';

export interface Row {
  /** The line that the row begins on, from 1. */
  line: number;
  fields: string[];
}

/** The file is not CSV from some line on. */
export class CsvSyntaxError extends Error {
  override name = 'CsvSyntaxError';
  readonly line: number;

  constructor(line: number, message: string, options: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}

/** Of the file, worked on in one turn: of rows of a character or two there are thousands in it. */
const READ_SIZE = 16 * 1024;
const RECORD_LIMIT = 64 * 1024;

/** The file has more rows than may be imported at once; nothing was imported. */
export class StockFileTooLong extends Error {
  override name = 'StockFileTooLong';
}

/** Of what the parser reports only this is passed on: its own messages repeat values. */
const SYNTAX: Partial<Record<string, string>> = {
  CSV_INVALID_CLOSING_QUOTE: 'expected a delimiter or a line end after a closing quote',
  INVALID_OPENING_QUOTE: 'expected a quote only around a whole field',
  CSV_QUOTE_NOT_CLOSED: 'expected a closing quote; got the end of the file',
  CSV_MAX_RECORD_SIZE: `expected a row of at most ${RECORD_LIMIT} characters; got a longer one`,
};

/** One reading of a file, from its beginning. */
export class StockReading {
  readonly #file: FileHandle;
  readonly #rowLimit: number;
  readonly #digest = createHash('sha256');
  /** How far it has come. */
  bytes = 0;

  /** @param rowLimit after the first row, blank rows included: reading them takes as long */
  constructor(file: FileHandle, rowLimit = Infinity) {
    this.#file = file;
    this.#rowLimit = rowLimit;
  }

  /** The rows that are not blank. Throws `CsvSyntaxError`, `StockFileTooLong` after those before it. */
  async *rows(): AsyncGenerator<Row> {
    const rows: Row[] = [];
    let lastLine = 0;
    let left = 1 + this.#rowLimit;
    const parser = parse({
      bom: true,
      delimiter: await this.#findDelimiter(),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      trim: true,
      max_record_size: RECORD_LIMIT,
      on_record(fields: string[], { lines }) {
        if (left-- === 0) throw new StockFileTooLong();
        lastLine = lines;
        if (fields.some((field) => field !== '')) rows.push({ line: lines, fields });
        return null;
      },
    });
    // Both `write` and `end` report it to their callback too.
    parser.on('error', () => {}).resume();
    const read = this.#file.createReadStream({
      start: 0,
      autoClose: false,
      highWaterMark: READ_SIZE,
    });
    for await (const chunk of read as AsyncIterable<Buffer>) {
      this.bytes += chunk.length;
      this.#digest.update(chunk);
      const error = await new Promise((done) => parser.write(chunk, done));
      yield* rows.splice(0).map(atItsFirstLine);
      if (error) throw syntaxError(error, lastLine + 1);
    }
    const error = await new Promise((done) => finished(parser.end(), done));
    yield* rows.splice(0).map(atItsFirstLine);
    if (error) throw syntaxError(error, lastLine + 1);
  }

  /** Of all that was read; two readings of the same content have the same. */
  digest(): string {
    return this.#digest.digest('hex');
  }

  /** The first row holds names, so what else is in it tells. */
  async #findDelimiter(): Promise<',' | ';'> {
    const { buffer, bytesRead } = await this.#file.read(Buffer.alloc(4096), 0, 4096, 0);
    const names = buffer
      .toString('utf8', 0, bytesRead)
      .trimStart()
      .split(/[\r\n]/, 1)[0]!;
    return names.includes(';') && !names.includes(',') ? ';' : ',';
  }
}

/** The parser counts the line that a row ends on. */
function atItsFirstLine({ line, fields }: Row): Row {
  for (const field of fields) {
    if (/[\r\n]/.test(field)) line -= field.split(/\r\n|\n|\r/).length - 1;
  }
  return { line, fields };
}

/** @param line that the row begins on */
function syntaxError(error: unknown, line: number): unknown {
  if (!(error instanceof CsvError)) return error;
  const message = SYNTAX[error.code] ?? 'expected a row of CSV';
  return new CsvSyntaxError(line, message, { cause: error });
}
