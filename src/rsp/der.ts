// Strict DER (X.690): reads TLVs as slices of the received bytes, so signatures can be verified over exactly those,
// and writes TLVs. A tag is written as the number that its bytes form: 0x30, 0xbf36, 0x5f37.
import { DerError } from './der-error.ts';

const MAX_DEPTH = 16; // the deepest message, a notification list with results, needs 9
const MAX_TAG_BYTES = 3;
const MAX_LENGTH_BYTES = 4;

/** One TLV. `der` is the whole and `contents` its value, both views of the received bytes, not copies. */
export interface Tlv {
  readonly tag: number;
  readonly der: Uint8Array;
  readonly contents: Uint8Array;
  /** Offsets of the TLV and of its contents in the outermost bytes. */
  readonly offset: number;
  readonly contentsOffset: number;
  /** Number of TLVs that enclose it. */
  readonly depth: number;
}

/** A TLV as read. Most are only looked into, so a view is made when it is asked for. */
class ReadTlv implements Tlv {
  readonly tag: number;
  readonly depth: number;
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #start: number;
  readonly #contentsAt: number;
  readonly #end: number;

  /** @param start and `end`: of the TLV in `bytes`, which begin at `base` of the outermost bytes */
  constructor(
    bytes: Uint8Array,
    base: number,
    depth: number,
    tag: number,
    start: number,
    contentsAt: number,
    end: number,
  ) {
    this.#bytes = bytes;
    this.#base = base;
    this.depth = depth;
    this.tag = tag;
    this.#start = start;
    this.#contentsAt = contentsAt;
    this.#end = end;
  }

  get offset(): number {
    return this.#base + this.#start;
  }

  get contentsOffset(): number {
    return this.#base + this.#contentsAt;
  }

  get der(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  get contents(): Uint8Array {
    return this.#bytes.subarray(this.#contentsAt, this.#end);
  }

  inside(): DerReader {
    return new DerReader(this.#bytes, this.#base, this.depth + 1, this.#contentsAt, this.#end);
  }
}

/** Reads consecutive TLVs. Every failure is a `DerError`. */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #depth: number;
  readonly #end: number;
  #at: number;

  /** @param at and `end`: of what is read of the bytes */
  constructor(bytes: Uint8Array, base = 0, depth = 0, at = 0, end = bytes.length) {
    if (depth > MAX_DEPTH) throw new DerError(`nested deeper than ${MAX_DEPTH}`, base + at);
    this.#bytes = bytes;
    this.#base = base;
    this.#depth = depth;
    this.#at = at;
    this.#end = end;
  }

  /** A reader for the contents of a constructed TLV. */
  static inside(tlv: Tlv): DerReader {
    if (tlv instanceof ReadTlv) return tlv.inside();
    return new DerReader(tlv.contents, tlv.contentsOffset, tlv.depth + 1);
  }

  get offset(): number {
    return this.#base + this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** The next tag without advancing, or undefined at the end. */
  peekTag(): number | undefined {
    return this.isAtEnd ? undefined : this.#readTag(this.#at);
  }

  next(): Tlv {
    const start = this.#at;
    const tag = this.#readTag(start);
    const lengthAt = start + (tag > 0xffff ? 3 : tag > 0xff ? 2 : 1);
    const first = this.#byte(lengthAt);
    const more = first < 0x80 ? 0 : first & 0x7f;
    const length = first < 0x80 ? first : this.#readLength(lengthAt, more);
    const contentsAt = lengthAt + 1 + more;
    const end = contentsAt + length;
    if (end > this.#end) {
      throw new DerError(
        `${hexTag(tag)} has length ${length}, but only ${this.#end - contentsAt} bytes follow`,
        this.#base + start,
      );
    }
    this.#at = end;
    return new ReadTlv(this.#bytes, this.#base, this.#depth, tag, start, contentsAt, end);
  }

  /** The next TLV, which must have this tag; `name` is its name in the definition. */
  expect(tag: number, name: string): Tlv {
    const found = this.peekTag();
    if (found === tag) return this.next();
    throw new DerError(
      `expected ${name} (${hexTag(tag)}), found ${found === undefined ? 'the end' : hexTag(found)}`,
      this.offset,
    );
  }

  /** The next TLV if it has this tag. */
  nextIf(tag: number): Tlv | undefined {
    return this.peekTag() === tag ? this.next() : undefined;
  }

  /** Throws if bytes are left. */
  finish(): void {
    if (!this.isAtEnd) throw new DerError(`${this.#end - this.#at} bytes too many`, this.offset);
  }

  #byte(at: number): number {
    const byte = at < this.#end ? this.#bytes[at] : undefined;
    if (byte === undefined) throw new DerError('the bytes end within a TLV', this.#base + at);
    return byte;
  }

  #readTag(start: number): number {
    const first = this.#byte(start);
    if ((first & 0x1f) !== 0x1f) return first;
    let tag = first;
    for (let at = start + 1; at < start + MAX_TAG_BYTES; at += 1) {
      const byte = this.#byte(at);
      // X.690 §8.1.2.4.2: no leading zero bits; numbers up to 30 use the one-byte form.
      if (at === start + 1 && (byte === 0x80 || byte < 0x1f)) {
        throw new DerError('a tag that is not minimal', this.#base + start);
      }
      tag = tag * 256 + byte;
      if (byte < 0x80) return tag;
    }
    throw new DerError(`a tag of more than ${MAX_TAG_BYTES} bytes`, this.#base + start);
  }

  /** The long form: `count` bytes after the first. */
  #readLength(start: number, count: number): number {
    // X.690 §10.1: the indefinite form is not DER.
    if (count === 0) throw new DerError('a length in the indefinite form', this.#base + start);
    if (count > MAX_LENGTH_BYTES) {
      throw new DerError(`a length of ${count} bytes`, this.#base + start);
    }
    let length = 0;
    for (let at = start + 1; at <= start + count; at += 1) length = length * 256 + this.#byte(at);
    // X.690 §10.1: lengths use the shortest possible form.
    if (length < 0x80 || length < 256 ** (count - 1)) {
      throw new DerError('a length that is not minimal', this.#base + start);
    }
    return length;
  }
}

/** Reads bytes that consist of exactly one TLV. */
export function readDer(bytes: Uint8Array): Tlv {
  const reader = new DerReader(bytes);
  const tlv = reader.next();
  reader.finish();
  return tlv;
}

/** The bytes of a tag as the standards print them: `'BF36'`. */
export function hexTag(tag: number): string {
  return `'${tag.toString(16).toUpperCase().padStart(2, '0')}'`;
}

/** A TLV with these contents, concatenated. */
export function encodeTlv(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of contents) length += part.length;
  const header = encodeHeader(tag, length);
  const der = new Uint8Array(header.length + length);
  der.set(header);
  let at = header.length;
  for (const part of contents) {
    der.set(part, at);
    at += part.length;
  }
  return der;
}

/** Only tag and length, for contents of `length` bytes. */
export function encodeHeader(tag: number, length: number): number[] {
  if (length > 0xffffff) throw new RangeError('a TLV of more than 16 MiB');
  const header: number[] = [];
  if (tag > 0xffff) header.push(tag >>> 16);
  if (tag > 0xff) header.push((tag >>> 8) & 0xff);
  header.push(tag & 0xff);
  if (length < 0x80) header.push(length);
  else if (length < 0x100) header.push(0x81, length);
  else if (length < 0x10000) header.push(0x82, length >>> 8, length & 0xff);
  else header.push(0x83, length >>> 16, (length >>> 8) & 0xff, length & 0xff);
  return header;
}
