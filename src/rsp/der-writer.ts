// DER written from its end to its beginning: what a TLV contains is there before its length is, so that all
// of it goes into one buffer.

/** Grows as needed. What is added stands before all that was added so far. */
export class DerWriter {
  #bytes: Uint8Array;
  #start: number;

  /** @param size of what will be written, when that is about known */
  constructor(size = 1024) {
    this.#bytes = new Uint8Array(size);
    this.#start = size;
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#bytes.length - this.#start;
  }

  prepend(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#start -= bytes.length;
    this.#bytes.set(bytes, this.#start);
  }

  /** A TLV with these contents, one after the other. */
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

  /** Tag and length of a TLV whose contents begin here and have `length` bytes. */
  prependHeader(tag: number, length: number): void {
    this.#prependNumber(length);
    if (length >= 0x80) this.prependByte(0x80 | lengthOf(length));
    this.#prependNumber(tag);
  }

  /** What was written: a view, which what is added later leaves as it is. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start);
  }

  /** Big-endian, on the fewest bytes. */
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

/** Bytes that a number needs. */
function lengthOf(value: number): number {
  return value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x1000000 ? 3 : 4;
}
