// A stock file as a table: the header row, then the rows of values.
import type { Row, StockReading } from './stock-file.ts';
import { parseHeader } from './stock-header.ts';
import type { Column, Header } from './stock-header.ts';
import type { ColumnMapping } from './stock-mapping.ts';

/** The rule that Markdown and database shells draw below the names. */
const RULE = /^[-=:+\s]*$/;

/** A row that begins with # is not a comment if # may be part of a value. */
function isComment(fields: readonly string[], [first, ...others]: readonly Column[]): boolean {
  if (!fields[0]?.startsWith('#')) return false;
  const isNoValue = first?.rule !== undefined && !first.rule.text;
  return isNoValue || (others.length > 0 && fields.slice(1).every((field) => field === ''));
}

export class StockTable {
  readonly reading: StockReading;
  readonly #mappings: readonly ColumnMapping[];
  /** Known once the first rows are read, or there are none. */
  header: Header | undefined;
  /** Columns without a name and, so far, without values. */
  #empty: Column[] = [];

  constructor(reading: StockReading, mappings: readonly ColumnMapping[]) {
    this.reading = reading;
    this.#mappings = mappings;
  }

  /** Rows of values, in batches. Errors of the header are in `header`. Throws `CsvSyntaxError`, `StockFileTooLong`. */
  async *rows(): AsyncGenerator<Row[]> {
    for await (const rows of this.reading.rows()) {
      const values = this.header === undefined ? this.#begin(rows) : rows;
      const columns = this.header?.columns ?? [];
      const subscriptions = values.filter(({ fields }) => !isComment(fields, columns));
      if (this.#empty.length > 0) for (const { fields } of subscriptions) this.#lookAt(fields);
      yield subscriptions;
    }
  }

  /** The ignored columns, by name or number, except those with neither name nor values. */
  ignored(): string[] {
    const columns = this.header?.columns ?? [];
    return columns
      .filter((column) => column.name === undefined && !this.#empty.includes(column))
      .map(({ title, number }) => (title === '' ? `column ${number}` : title));
  }

  /** @returns the rows after the header */
  #begin(rows: Row[]): Row[] {
    const [first, second] = rows;
    if (first === undefined) return rows;
    this.header = parseHeader(first.fields, first.line, this.#mappings);
    const { columns, isData } = this.header;
    this.#empty = columns.filter(({ name, title }) => name === undefined && title === '');
    if (isData) return rows;
    const isRuled =
      second?.fields.every((field) => RULE.test(field)) && second.fields.join('').includes('--');
    return rows.slice(isRuled ? 2 : 1);
  }

  #lookAt(fields: readonly string[]): void {
    if (this.#empty.some(({ number }) => (fields[number - 1] ?? '') !== '')) {
      this.#empty = this.#empty.filter(({ number }) => (fields[number - 1] ?? '') === '');
    }
  }
}
