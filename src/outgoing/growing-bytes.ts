// The body of an answer while it arrives, as one piece of memory: a list of chunks, of which there may be as many as there are bytes,
// takes more than a hundred for each.

export class GrowingBytes {
  readonly #buffer: ArrayBuffer;

  constructor(mostBytes: number) {
    this.#buffer = new ArrayBuffer(0, { maxByteLength: mostBytes });
  }

  /** @returns false if there are too many */
  add(chunk: Uint8Array): boolean {
    const size = this.#buffer.byteLength;
    if (size + chunk.length > this.#buffer.maxByteLength) return false;
    this.#buffer.resize(size + chunk.length);
    new Uint8Array(this.#buffer, size).set(chunk);
    return true;
  }

  /** Ends it. */
  take(): Buffer {
    return Buffer.from(this.#buffer.transferToFixedLength());
  }
}
