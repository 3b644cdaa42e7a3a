// Collects the first bytes of a connection until their kind is known: a ClientHello in TLS records (RFC 8446 §5.1),
// fragmented in any way within limits, or something else.

/** Maximum size of a ClientHello with its records; today's TLS clients send at most 2 KiB. */
export const MOST_BYTES = 32 * 1024;
/** A hello is usually one record; each further one causes another parse from the start. */
const MOST_RECORDS = 64;

const RECORD_HEADER_SIZE = 5;
const HANDSHAKE_HEADER_SIZE = 4;
const HANDSHAKE = 22;
const MOST_RECORD_BYTES = 16_384;

const HTTP = /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|TRACE|CONNECT|PRI) /;
/** Longer than the longest method and a space. */
const HTTP_SIZE = 8;
/** Versions 1 and 2 of the PROXY header that load balancers send first. */
const PROXY_HEADERS = [Buffer.from('PROXY '), Buffer.from('\r\n\r\n\0\r\nQUIT\n')];

export type FirstBytes =
  | { kind: 'client hello'; message: Buffer }
  /** Left to OpenSSL to refuse. */
  | { kind: 'not a client hello' }
  | { kind: 'http' }
  | { kind: 'proxy header' }
  | { kind: 'too long' };

export class FirstBytesReader {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  /** The number of bytes required for the next decision. */
  #awaited = 1;

  get size(): number {
    return this.#size;
  }

  /** Everything received. */
  bytes(): Buffer {
    if (this.#chunks.length > 1) this.#chunks.splice(0, Infinity, Buffer.concat(this.#chunks));
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** @returns undefined while more is needed */
  push(chunk: Buffer): FirstBytes | undefined {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#awaited) return undefined;
    const bytes = this.bytes();
    const found = bytes[0] === HANDSHAKE ? this.#readRecords(bytes) : this.#recognise(bytes);
    if (found === undefined && this.#awaited > MOST_BYTES) return { kind: 'too long' };
    return found;
  }

  #readRecords(bytes: Buffer): FirstBytes | undefined {
    const fragments: Buffer[] = [];
    let gathered = 0;
    let offset = 0;
    for (let record = 1; ; record++) {
      if (record > MOST_RECORDS) return { kind: 'too long' };
      const start = offset + RECORD_HEADER_SIZE;
      if (bytes.length < start) return this.#await(start);
      const length = bytes.readUInt16BE(offset + 3);
      const isHandshake = bytes[offset] === HANDSHAKE && bytes[offset + 1] === 3;
      if (!isHandshake || length === 0 || length > MOST_RECORD_BYTES) {
        return { kind: 'not a client hello' };
      }
      offset = start + length;
      if (bytes.length < offset) return this.#await(offset);
      fragments.push(bytes.subarray(start, offset));
      gathered += length;
      if (gathered < HANDSHAKE_HEADER_SIZE) continue;
      const message = fragments.length === 1 ? fragments[0]! : Buffer.concat(fragments);
      const end = HANDSHAKE_HEADER_SIZE + message.readUIntBE(1, 3);
      if (end > MOST_BYTES) return { kind: 'too long' };
      if (gathered >= end) return { kind: 'client hello', message: message.subarray(0, end) };
    }
  }

  #recognise(bytes: Buffer): FirstBytes | undefined {
    const longest = Math.max(HTTP_SIZE, ...PROXY_HEADERS.map(({ length }) => length));
    if (HTTP.test(bytes.toString('latin1', 0, HTTP_SIZE))) return { kind: 'http' };
    for (const header of PROXY_HEADERS) {
      if (header.equals(bytes.subarray(0, header.length))) return { kind: 'proxy header' };
    }
    const isText = /^[A-Z\r]/.test(String.fromCharCode(bytes[0]!));
    return isText && bytes.length < longest
      ? this.#await(bytes.length + 1)
      : { kind: 'not a client hello' };
  }

  #await(size: number): undefined {
    this.#awaited = size;
  }
}
