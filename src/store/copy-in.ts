// COPY … FROM STDIN of PostgreSQL, for many rows at once.
// https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS
import type { Client, Submittable } from 'pg';
import type { BulkTable, Cell } from './bulk.ts';

const UNSAFE = /[\\\t\n\r]/;
const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** Within the transaction that the client is in. */
export async function copyIn(
  client: Client,
  { name, columns }: BulkTable,
  rows: readonly Cell[][],
): Promise<void> {
  if (rows.length === 0) return;
  const listed = columns.map((column) => `"${column}"`).join();
  const query = new CopyIn(`copy "${name}" (${listed}) from stdin`, textOf(rows));
  client.query(query);
  await query.done;
}

function textOf(rows: readonly Cell[][]): Buffer {
  let text = '';
  for (const row of rows) {
    for (let index = 0; index < row.length; index++) {
      text += (index === 0 ? '' : '\t') + fieldOf(row[index]!);
    }
    text += '\n';
  }
  return Buffer.from(text);
}

function fieldOf(value: Cell): string {
  if (value === null) return String.raw`\N`;
  // The backslash of bytea's hexadecimal form is escaped itself.
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value).toString('hex')}`;
  const text = String(value);
  return UNSAFE.test(text) ? text.replaceAll(/[\\\t\n\r]/g, (sign) => ESCAPES[sign]!) : text;
}

/** What the driver's connection offers to a COPY. */
interface CopyConnection {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A query of the driver, which tells each of the server's messages to a method. */
class CopyIn implements Submittable {
  readonly done: Promise<void>;
  readonly #text: string;
  readonly #rows: Buffer;
  readonly #settle = Promise.withResolvers<void>();
  #connection: CopyConnection | undefined;
  #error: Error | undefined;

  constructor(text: string, rows: Buffer) {
    this.#text = text;
    this.#rows = rows;
    this.done = this.#settle.promise;
  }

  submit(connection: unknown): void {
    this.#connection = connection as CopyConnection;
    this.#connection.query(this.#text);
  }

  handleCopyInResponse(): void {
    this.#connection!.sendCopyFromChunk(this.#rows);
    this.#connection!.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (this.#error === undefined) this.#settle.resolve();
    else this.#settle.reject(this.#error);
  }

  /** Of the server, which is ready again afterwards; or of the connection, which is not. */
  handleError(error: Error): void {
    this.#error = error;
    this.#settle.reject(error);
  }
}
