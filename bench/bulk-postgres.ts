// PostgreSQL for filling: rows arrive by COPY, frozen, and the secondary indexes are made at the end.
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { Client } from 'pg';
import type { Submittable } from 'pg';
import { FILL_WHEREABOUTS } from '../src/store/citus.ts';
import { FILLED_TABLES } from './fill.ts';
import type { Bulk, FilledTable, Value } from './fill.ts';

const UNSAFE = /[\\\t\n\r]/;

/** @param url of a database with its schema, whose tables are empty */
export async function openPostgresBulk(url: string): Promise<Bulk> {
  const client = await connect(url);
  const { rows: indexes } = await client.query<{ indexname: string; indexdef: string }>(
    `select indexname, indexdef from pg_indexes
      where schemaname = current_schema() and tablename = any($1)
        and indexname not in (select conname from pg_constraint)`,
    [FILLED_TABLES],
  );
  for (const { indexname } of indexes) await client.query(`drop index ${indexname}`);
  const copies = new Map<FilledTable, Promise<Copy>>();

  return {
    async add(table, rows) {
      if (rows.length === 0) return;
      let copy = copies.get(table);
      if (copy === undefined) copies.set(table, (copy = Copy.begin(url, table, rows[0]!)));
      await (await copy).add(rows);
    },
    async finish(onStep) {
      for (const copy of copies.values()) await (await copy).end();
      await client.query(`set maintenance_work_mem = '512MB'`);
      let left = indexes.length;
      for (const { indexdef } of indexes) {
        onStep(left--);
        await client.query(indexdef);
      }
      await client.query(`analyze ${FILLED_TABLES.join()}`);
      const { rowCount: spread } = await client.query(
        `select 1 from pg_extension where extname = 'citus'`,
      );
      if (spread !== 0) await client.query(FILL_WHEREABOUTS);
    },
    async [Symbol.asyncDispose]() {
      for (const copy of copies.values()) await (await copy).close();
      await client.end();
    },
  };
}

/** Of one table, on a connection of its own. */
class Copy {
  readonly #client: Client;
  readonly #columns: string[];
  readonly #query: CopyQuery;

  private constructor(client: Client, columns: string[], query: CopyQuery) {
    this.#client = client;
    this.#columns = columns;
    this.#query = query;
  }

  static async begin(url: string, table: FilledTable, row: object): Promise<Copy> {
    const client = await connect(url);
    await client.query('begin');
    // In the transaction that truncates it, a table's rows can be stored as seen by everybody, so they need no vacuum.
    await client.query(`truncate ${table}`);
    const columns = Object.keys(row);
    // Citus truncates on other connections.
    const { rowCount: spread } = await client.query(
      `select 1 from pg_extension where extname = 'citus'`,
    );
    const how = spread === 0 ? ' with (freeze)' : '';
    const query = new CopyQuery(`copy ${table} (${columns.join()}) from stdin${how}`);
    client.query(query);
    await query.begun;
    return new Copy(client, columns, query);
  }

  async add(rows: readonly object[]): Promise<void> {
    let text = '';
    for (const row of rows as Record<string, Value>[]) {
      let separator = '';
      for (const column of this.#columns) {
        text += separator + fieldOf(row[column]!);
        separator = '\t';
      }
      text += '\n';
    }
    await this.#query.write(Buffer.from(text));
  }

  async end(): Promise<void> {
    await this.#query.end();
    await this.#client.query('commit');
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client;
}

function fieldOf(value: Value): string {
  if (value === null) return '\\N';
  const text = String(value);
  return UNSAFE.test(text) ? text.replaceAll(/[\\\t\n\r]/g, escaped) : text;
}

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const escaped = (sign: string) => ESCAPES[sign]!;

/** What pg's connection offers to a COPY. */
interface CopyConnection {
  stream: Duplex;
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

/** A query as pg's client runs it; it tells each of the server's messages to a method. */
class CopyQuery implements Submittable {
  readonly begun: Promise<void>;
  readonly #text: string;
  readonly #begin = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #connection: CopyConnection | undefined;

  constructor(text: string) {
    this.#text = text;
    this.begun = this.#begin.promise;
    // An error is told by whichever is waited for.
    for (const { promise } of [this.#begin, this.#ended]) promise.catch(() => {});
  }

  submit(connection: unknown): void {
    this.#connection = connection as CopyConnection;
    this.#connection.query(this.#text);
  }

  async write(chunk: Buffer): Promise<void> {
    const { stream } = this.#connection!;
    this.#connection!.sendCopyFromChunk(chunk);
    if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), this.#ended.promise]);
  }

  end(): Promise<void> {
    this.#connection!.endCopyFrom();
    return this.#ended.promise;
  }

  handleCopyInResponse(): void {
    this.#begin.resolve();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#ended.resolve();
  }

  handleError(error: Error): void {
    this.#begin.reject(error);
    this.#ended.reject(error);
  }
}
