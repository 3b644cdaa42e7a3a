// Writes DER from end to beginning: the contents of a TLV are written before its length, so one buffer suffices.

/** Grows as needed. Everything is added before what was written so far. */
export class DerWriter {
  #bytes: Uint8Array;
  #start: number;

  /** @param size expected size of the output */
  constructor(size = 1024) {
    this.#bytes = new Uint8Array(size);
    this.#start = size;
  }

  /** Number of bytes written. */
  get size(): number {
    return this.#bytes.length - this.#start;
  }

  prepend(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#start -= bytes.length;
    this.#bytes.set(bytes, this.#start);
  }

  /** Adds a TLV with these contents, concatenated. */
  prependTlv(tag: number, contents: readonly Uint8Array[]): void {
    const end = this.size;
    for (let i = contents.length - 1; i >= 0; i -= 1) this.prepend(contents[i]!);
    this.prependHeader(tag, this.size - end);
  }

  prependByte(byte: number): void {
    this.#makeRoom(1);
    this.#start -= 1;
    this.#bytes[this.#start] = byte;
  }

  /** Adds tag and length of a TLV whose contents begin here and have `length` bytes. */
  prependHeader(tag: number, length: number): void {
    this.#prependNumber(length);
    if (length >= 0x80) this.prependByte(0x80 | lengthOf(length));
    this.#prependNumber(tag);
  }

  /** A view of the output so far, which later additions do not change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start);
  }

  /** Big-endian, in as few bytes as possible. */
  #prependNumber(value: number): void {
    let rest = value;
    do {
      this.prependByte(rest & 0xff);
      rest >>>= 8;
    } while (rest > 0);
  }

  #makeRoom(size: number): void {
    if (size <= this.#start) return;
    const larger = new Uint8Array(2 * (this.#bytes.length + size));
    larger.set(this.#bytes.subarray(this.#start), larger.length - this.size);
    this.#start = larger.length - this.size;
    this.#bytes = larger;
  }
}

/** Number of bytes that a number needs. */
function lengthOf(value: number): number {
  return value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 4;
}
