// A stock file as a table: the row that names the columns, then the rows of values.
import type { Row, StockReading } from './stock-file.ts';
import { parseHeader } from './stock-header.ts';
import type { Column, Header } from './stock-header.ts';
import type { ColumnMapping } from './stock-mapping.ts';

/** What Markdown and database shells draw under the names. */
const RULE = /^[-=:+\s]*$/;

/** A row that begins with # is one nevertheless where that may be a number or a label. */
function isComment(fields: readonly string[], [first, ...others]: readonly Column[]): boolean {
  if (!fields[0]?.startsWith('#')) return false;
  const isNoValue = first?.rule !== undefined && !first.rule.text;
  return isNoValue || (others.length > 0 && fields.slice(1).every((field) => field === ''));
}

export class StockTable {
  readonly reading: StockReading;
  readonly #mappings: readonly ColumnMapping[];
  /** Known when the first rows are there, or when there are none. */
  header: Header | undefined;
  /** Columns without a name, of which no value was seen yet. */
  #empty: Column[] = [];

  constructor(reading: StockReading, mappings: readonly ColumnMapping[]) {
    this.reading = reading;
    this.#mappings = mappings;
  }

  /**
   * Rows of values, some at a time. Whether something is wrong with the header is told by it.
   * Throws `CsvSyntaxError`, `StockFileTooLong`.
   */
  async *rows(): AsyncGenerator<Row[]> {
    for await (const rows of this.reading.rows()) {
      const values = this.header === undefined ? this.#begin(rows) : rows;
      const columns = this.header?.columns ?? [];
      const subscriptions = values.filter(({ fields }) => !isComment(fields, columns));
      if (this.#empty.length > 0) for (const { fields } of subscriptions) this.#lookAt(fields);
      yield subscriptions;
    }
  }

  /** The columns that were passed over, by name or number; those that have neither name nor value do not count. */
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
