// Statements sent to PostgreSQL together, with one Sync behind the last: one write, one answer, and after one that fails, none
// is carried out. https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
import { DatabaseError, types } from 'pg';
import type { ClientBase, Connection, Submittable } from 'pg';

type TypeId = Parameters<typeof types.getTypeParser>[0];

export interface Statement {
  text: string;
  values: readonly unknown[];
  /** Under which it is prepared once per connection; undefined: it is prepared anew. */
  name: string | undefined;
  /** Whether its name is free again behind it. */
  isClosed?: boolean;
  /** Of the transaction that it belongs to. */
  beginning?: Beginning | undefined;
}

/** Whether a transaction has begun. If not, its statements would each be carried out by itself, so none is sent. */
export interface Beginning {
  /** What begins it. */
  statement?: Statement;
  /** Why it has not begun. */
  error?: unknown;
}

export interface Answer {
  /** `SELECT`, `UPDATE`, … */
  command: string;
  /** How many rows were read or changed. */
  rowCount: number;
  columns: readonly Column[];
  /** In the order of the columns. */
  rows: unknown[][];
}

export interface Column {
  name: string;
  /** Undefined: it stays text. */
  parse: ((text: string) => unknown) | undefined;
}

/**
 * What a connection has prepared, by name: the columns of a statement's rows. Undefined: it may be there or not, after a
 * failure.
 */
export type Prepared = Map<string, readonly Column[] | undefined>;

interface Asked {
  statement: Statement;
  answer: Answer;
  /** Whether PostgreSQL is asked for the columns. */
  isDescribed: boolean;
  settle: PromiseWithResolvers<Answer>;
}

/** A query of the driver; it calls the methods. */
export class Batch implements Submittable {
  readonly #prepared: Prepared;
  readonly #asked: Asked[] = [];
  #connection: Connection | undefined;
  /** How many are answered. */
  #answered = 0;
  #error: unknown;
  #limit: NodeJS.Timeout | undefined;
  #onEnd: (() => void) | undefined;

  /** @param onEnd called once, when everything is answered, or has failed */
  constructor(prepared: Prepared, onEnd?: () => void) {
    this.#prepared = prepared;
    this.#onEnd = onEnd;
  }

  /** Of several that fail together, all have the error of the first. */
  add(statement: Statement): Promise<Answer> {
    if (statement.beginning !== undefined) statement.beginning.statement ??= statement;
    const settle = Promise.withResolvers<Answer>();
    const answer = { command: '', rowCount: 0, columns: [], rows: [] };
    this.#asked.push({ statement, answer, isDescribed: false, settle });
    return settle.promise;
  }

  /** In the order in which they are sent. */
  get statements(): Statement[] {
    return this.#asked.map(({ statement }) => statement);
  }

  /**
   * @param limitMs of waiting for the answer. The driver's own limit makes a function for each query that V8 has in old space
   * from the start, with all that the query names: see docs/decisions/0088-nothing-old-that-names-what-is-new.md.
   */
  sendOn(client: ClientBase, limitMs?: number): void {
    if (limitMs !== undefined) this.#limit = setTimeout(giveUp, limitMs, this);
    client.query(this);
  }

  /** Called by the driver. @returns why nothing was sent, which it hands to `handleError` */
  submit(connection: Connection): unknown {
    const error = this.#error ?? this.#asked[0]!.statement.beginning?.error;
    if (error !== undefined) return error;
    this.#connection = connection;
    connection.stream.cork();
    try {
      for (const asked of this.#asked) this.#send(asked, connection);
      connection.sync();
    } finally {
      connection.stream.uncork();
    }
    return undefined;
  }

  #send(asked: Asked, connection: Connection): void {
    const { text, values, name, isClosed = false } = asked.statement;
    const known = name === undefined ? undefined : this.#prepared.get(name);
    if (known === undefined) {
      // Closing what is not there is no error.
      if (name !== undefined && this.#prepared.has(name)) {
        connection.close({ type: 'S', name }, true);
      }
      connection.parse({ text, name: name ?? '', types: [] }, true);
      if (name !== undefined) this.#prepared.set(name, undefined);
      asked.isDescribed = true;
    } else {
      asked.answer.columns = known;
    }
    connection.bind({ statement: name ?? '', values: values.map(encode) }, true);
    if (asked.isDescribed) connection.describe({ type: 'P' }, true);
    connection.execute(null, true);
    if (name !== undefined && isClosed) connection.close({ type: 'S', name }, true);
  }

  get #current(): Asked {
    return this.#asked[this.#answered]!;
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: TypeId }[] }): void {
    this.#current.answer.columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: parserOf(dataTypeID),
    }));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const { columns, rows } = this.#current.answer;
    rows.push(
      fields.map((text, index) => {
        const parse = columns[index]!.parse;
        return text === null || parse === undefined ? text : parse(text);
      }),
    );
  }

  /** @param text such as `UPDATE 1`, `INSERT 0 1`, `BEGIN` */
  handleCommandComplete({ text }: { text: string }): void {
    const { answer, statement, isDescribed } = this.#current;
    answer.command = text.split(' ', 1)[0]!;
    answer.rowCount = Number(/\d+$/.exec(text)?.[0] ?? 0);
    if (isDescribed && statement.name !== undefined) {
      this.#prepared.set(statement.name, answer.columns);
    }
    this.#answered++;
  }

  handleEmptyQuery(): void {
    this.#answered++;
  }

  handleReadyForQuery(): void {
    for (const { settle, answer } of this.#asked) settle.resolve(answer);
    this.#end();
  }

  /**
   * Of the server or of the connection. Within a transaction, statements before the one that fails have been carried out; an
   * error behind the last is of their commit, if they have no transaction around them.
   */
  handleError(error: unknown): void {
    this.#error = error;
    // Nothing may be answered to a batch that has already failed.
    if (!(error instanceof DatabaseError)) this.#connection?.stream.destroy();
    const failed = this.#answered % this.#asked.length;
    const { statement } = this.#asked[failed]!;
    const { name, beginning } = statement;
    if (beginning?.statement === statement) beginning.error = error;
    // It may be that it must be prepared again: the columns of its table have changed.
    if (name !== undefined) this.#prepared.set(name, undefined);
    for (const [index, { settle, answer }] of this.#asked.entries()) {
      if (index < failed) settle.resolve(answer);
      else settle.reject(error);
    }
    this.#end();
  }

  /** After an answer that takes too long, the driver tells of the connection that is closed for that, too. */
  #end(): void {
    clearTimeout(this.#limit);
    const end = this.#onEnd;
    this.#onEnd = undefined;
    end?.();
  }
}

/** The error is the driver's, too. */
function giveUp(batch: Batch): void {
  batch.handleError(new Error('Query read timeout'));
}

const { TEXT, VARCHAR, INT8 } = types.builtins;
const PARSERS = new Map<TypeId, Column['parse']>([
  [TEXT, undefined],
  [VARCHAR, undefined],
  [INT8, Number],
]);

function parserOf(type: TypeId): Column['parse'] {
  if (PARSERS.has(type)) return PARSERS.get(type);
  return types.getTypeParser(type, 'text') as Column['parse'];
}

/** As the driver writes it: a string, or octets. */
function encode(value: unknown): string | Buffer | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (Array.isArray(value)) return `{${(value as Element[]).map(encodeElement).join()}}`;
  return (value as number | bigint | boolean).toString();
}

type Element = string | number | boolean | null;

/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
function encodeElement(value: Element): string {
  if (value === null) return 'null';
  return `"${String(value).replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
