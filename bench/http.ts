// A load over kept connections that costs far less than the server's responses.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Response {
  status: number;
  head: string;
  body: Buffer;
}

/** One kept connection with one request at a time. */
export class Connection {
  readonly #socket: Socket;
  #chunks: Buffer[] = [];
  #received = 0;
  /** Bytes of the current response, including its head; 0 until the head has arrived; Infinity: it comes in chunks. */
  #expected = 0;
  #headLength = 0;
  #status = 0;
  #settle: { resolve: (response: Response) => void; reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection')));
    socket.on('error', (error) => this.#settle?.reject(error));
  }

  /** Servers close those that are not used for a while. */
  get isClosed(): boolean {
    return this.#socket.destroyed || !this.#socket.writable;
  }

  static async open(port: number): Promise<Connection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Over TLS, to a server whose certificate is not verified. */
  static async openTls(port: number): Promise<Connection> {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    return new Connection(socket);
  }

  /** @param text the whole request, as made by `request` */
  send(text: string): Promise<Response> {
    if (this.isClosed) return Promise.reject(new Error('the connection is closed'));
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(text, 'latin1');
    });
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#expected === 0) this.#readHead();
    const isChunked = this.#expected === Infinity;
    if (this.#expected === 0 || (!isChunked && this.#received < this.#expected)) return;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const rest = bytes.subarray(this.#headLength);
    const body = isChunked ? joinChunks(rest) : rest;
    if (body === undefined) return;
    const response = {
      status: this.#status,
      head: bytes.toString('latin1', 0, this.#headLength),
      body,
    };
    this.#chunks = [];
    this.#received = this.#expected = 0;
    this.#settle?.resolve(response);
  }

  #readHead(): void {
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = bytes.toString('latin1', 0, end);
    this.#status = Number(head.slice(9, 12));
    this.#headLength = end + 4;
    if (/transfer-encoding: chunked/i.test(head)) {
      this.#expected = Infinity;
      return;
    }
    const length =
      this.#status === 304 || this.#status === 204 ? '0' : /content-length: (\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without a length:\n${head}`);
    this.#expected = this.#headLength + Number(length);
  }
}

/** RFC 9112 §7.1, without trailers. @returns undefined if the last chunk has not arrived */
function joinChunks(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    if (end === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16);
    const next = end + 2 + size + 2;
    if (bytes.length < next) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = next;
  }
}

export interface Credentials {
  sid: string;
  authToken: string;
}

/** @param form body of a POST; a GET if absent */
export function request(
  path: string,
  { sid, authToken }: Credentials,
  { form, ifNoneMatch }: { form?: string; ifNoneMatch?: string } = {},
): string {
  const credentials = Buffer.from(`${sid}:${authToken}`).toString('base64');
  let head = `${form === undefined ? 'GET' : 'POST'} ${path} HTTP/1.1\r\nHost: localhost\r\n`;
  head += `Authorization: Basic ${credentials}\r\nAccept: application/json\r\n`;
  if (ifNoneMatch !== undefined) head += `If-None-Match: ${ifNoneMatch}\r\n`;
  if (form !== undefined) {
    head += `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n`;
  }
  return `${head}\r\n${form ?? ''}`;
}

/** Connections to one server. */
export class Pool {
  readonly #port: number;
  readonly #connections: Connection[];

  private constructor(port: number, connections: Connection[]) {
    this.#port = port;
    this.#connections = connections;
  }

  static async open(port: number, size: number): Promise<Pool> {
    const opened = await Promise.all(Array.from({ length: size }, () => Connection.open(port)));
    return new Pool(port, opened);
  }

  async #open(index: number): Promise<Connection> {
    const connection = this.#connections[index]!;
    if (!connection.isClosed) return connection;
    return (this.#connections[index] = await Connection.open(this.#port));
  }

  /** Sends on every connection, one request after the other, until `next` returns none. */
  async drive(next: () => string | undefined, status: number): Promise<number> {
    let answers = 0;
    const work = async (index: number): Promise<void> => {
      const connection = await this.#open(index);
      for (let text = next(); text !== undefined; text = next()) {
        const response = await connection.send(text);
        if (response.status !== status) {
          throw new Error(
            `expected ${status}:\n${text}\n${response.head}\n${response.body.toString()}`,
          );
        }
        answers++;
      }
    };
    await Promise.all(this.#connections.map((_connection, index) => work(index)));
    return answers;
  }

  async one(text: string): Promise<Response> {
    return (await this.#open(0)).send(text);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}
