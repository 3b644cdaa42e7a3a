// Strict reading, and writing, of the contents of DER's primitive types (X.690 §8, §10, §11).
import { DerError } from './der-error.ts';
import type { Tlv } from './der.ts';

/** A BIT STRING; bit 0 is the leftmost of `bytes`. */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly unusedBits: number;
}

// No OID or set of named bits in RSP comes near these limits; without them, a few bytes could cause much work.
const MAX_OID_BYTES = 128;
const MAX_BIT_STRING_BYTES = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('latin1');
const encoder = new TextEncoder();

/** An INTEGER that fits exactly into a number. */
export function readInteger(tlv: Tlv): number {
  const bytes = readIntegerBytes(tlv);
  if (bytes.length > 7) throw new DerError('an INTEGER above 2^53', tlv.offset);
  let value = (bytes[0] ?? 0) >= 0x80 ? -1 : 0;
  for (const byte of bytes) value = value * 256 + byte;
  if (!Number.isSafeInteger(value)) throw new DerError('an INTEGER above 2^53', tlv.offset);
  return value;
}

/** The two's complement bytes of an INTEGER of any size. */
export function readIntegerBytes(tlv: Tlv): Uint8Array {
  const { contents } = tlv;
  const first = contents[0];
  const second = contents[1];
  if (first === undefined) throw new DerError('an empty INTEGER', tlv.offset);
  // X.690 §8.3.2: the first nine bits must not all be equal.
  if (
    second !== undefined &&
    ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  ) {
    throw new DerError('an INTEGER that is not minimal', tlv.offset);
  }
  return contents;
}

export function encodeIntegerContents(value: number): Uint8Array {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not an integer`);
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.unshift(((rest % 256) + 256) % 256);
    rest = Math.floor(rest / 256);
  } while (rest !== 0 && rest !== -1);
  const first = bytes[0] ?? 0;
  if (rest === 0 && first >= 0x80) bytes.unshift(0);
  if (rest === -1 && first < 0x80) bytes.unshift(0xff);
  return Uint8Array.from(bytes);
}

/** The contents of a non-negative INTEGER, given big-endian with or without leading zeros. */
export function encodeUnsignedContents(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const rest = bytes.subarray(start);
  return (rest[0] ?? 0) >= 0x80 || rest.length === 0 ? Uint8Array.of(0, ...rest) : rest;
}

export function readBoolean(tlv: Tlv): boolean {
  const { contents } = tlv;
  // X.690 §11.1: TRUE is FF.
  if (contents.length !== 1 || (contents[0] !== 0 && contents[0] !== 0xff)) {
    throw new DerError('a BOOLEAN that is neither 00 nor FF', tlv.offset);
  }
  return contents[0] === 0xff;
}

export function readNull(tlv: Tlv): null {
  if (tlv.contents.length > 0) throw new DerError('a NULL with contents', tlv.offset);
  return null;
}

/** An OBJECT IDENTIFIER in dotted form, with arcs of any size. */
export function readOid(tlv: Tlv): string {
  const { contents } = tlv;
  if (contents.length === 0 || contents.length > MAX_OID_BYTES) {
    throw new DerError(`an OBJECT IDENTIFIER of ${contents.length} bytes`, tlv.offset);
  }
  let oid = '';
  for (let start = 0, end = 0; start < contents.length; start = end) {
    // X.690 §8.19.2: no leading zero bits in an arc.
    if (contents[start] === 0x80) throw new DerError('an arc that is not minimal', tlv.offset);
    while ((contents[end] ?? 0) >= 0x80) end += 1;
    end += 1;
    if (end > contents.length) {
      throw new DerError('an OBJECT IDENTIFIER that ends within an arc', tlv.offset);
    }
    const arc = readArc(contents, start, end);
    // X.690 §8.19.4: the first two arcs share one number.
    if (start > 0) oid += `.${arc}`;
    else if (arc < 80) oid = arc < 40 ? `0.${arc}` : `1.${Number(arc) - 40}`;
    else oid = `2.${BigInt(arc) - 80n}`;
  }
  return oid;
}

function readArc(bytes: Uint8Array, start: number, end: number): number | bigint {
  if (end - start > 7) {
    const groups = bytes.subarray(start, end);
    return groups.reduce((arc, byte) => arc * 128n + BigInt(byte & 0x7f), 0n);
  }
  let arc = 0;
  for (let at = start; at < end; at += 1) arc = arc * 128 + (bytes[at]! & 0x7f);
  return arc;
}

const OID_TEXT = /^(?:[01]\.(?:[0-9]|[123][0-9])|2\.(?:0|[1-9][0-9]*))(?:\.(?:0|[1-9][0-9]*))*$/;

/** Whether a text is the dotted form of an OBJECT IDENTIFIER. */
export function isOid(text: string): boolean {
  return text.length <= 128 && OID_TEXT.test(text);
}

export function encodeOidContents(oid: string): Uint8Array {
  if (!isOid(oid)) throw new RangeError(`${JSON.stringify(oid)} is not an OBJECT IDENTIFIER`);
  const [root = 0n, second = 0n, ...rest] = oid.split('.').map(BigInt);
  const bytes: number[] = [];
  for (const arc of [root * 40n + second, ...rest]) {
    const groups = [Number(arc & 0x7fn)];
    for (let more = arc >> 7n; more > 0n; more >>= 7n) groups.unshift(Number(more & 0x7fn) | 0x80);
    bytes.push(...groups);
  }
  return Uint8Array.from(bytes);
}

export function readUtf8String(tlv: Tlv): string {
  try {
    return utf8.decode(tlv.contents);
  } catch {
    throw new DerError('a UTF8String that is not UTF-8', tlv.offset);
  }
}

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * A BIT STRING. Trailing zero bits are accepted although X.690 §11.2.2 forbids them for named bits: eUICCs in the
 * field send them.
 */
export function readBitString(tlv: Tlv): BitString {
  const { contents } = tlv;
  const unusedBits = contents[0];
  const last = contents.at(-1) ?? 0;
  if (unusedBits === undefined || unusedBits > 7 || (unusedBits > 0 && contents.length === 1)) {
    throw new DerError('a BIT STRING with a wrong count of unused bits', tlv.offset);
  }
  // X.690 §11.2.1
  if ((last & ((1 << unusedBits) - 1)) !== 0 && contents.length > 1) {
    throw new DerError('a BIT STRING whose unused bits are not zero', tlv.offset);
  }
  return { bytes: contents.subarray(1), unusedBits };
}

/** The octets of a BIT STRING that contains a key or a signature, without unused bits. */
export function readBitStringOctets(tlv: Tlv): Uint8Array {
  const { bytes, unusedBits } = readBitString(tlv);
  if (unusedBits !== 0) throw new DerError('a BIT STRING of octets with unused bits', tlv.offset);
  return bytes;
}

/** The numbers of the bits that are set in a BIT STRING of named bits. */
export function readBits(tlv: Tlv): number[] {
  const { bytes } = readBitString(tlv);
  if (bytes.length > MAX_BIT_STRING_BYTES) {
    throw new DerError(`a BIT STRING of ${bytes.length} bytes`, tlv.offset);
  }
  const bits: number[] = [];
  bytes.forEach((byte, index) => {
    for (let bit = 0; bit < 8; bit += 1) if (byte & (0x80 >> bit)) bits.push(index * 8 + bit);
  });
  return bits;
}

/** The contents of a BIT STRING of named bits, as short as possible (X.690 §11.2.2). */
export function encodeBitsContents(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return Uint8Array.of(0);
  const highest = Math.max(...bits);
  const contents = new Uint8Array(2 + (highest >> 3));
  contents[0] = 7 - (highest & 7);
  for (const bit of bits) contents[1 + (bit >> 3)]! |= 0x80 >> (bit & 7);
  return contents;
}

const TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** UTCTime ('17') or GeneralizedTime ('18') in the only formats allowed in certificates (RFC 5280 §4.1.2.5). */
export function readTime(tlv: Tlv): Date {
  let text = latin1.decode(tlv.contents);
  // RFC 5280 §4.1.2.5.1: 50 to 99 mean 1950 to 1999.
  if (tlv.tag === 0x17) text = (text < '50' ? '20' : '19') + text;
  else if (tlv.tag !== 0x18) throw new DerError('neither UTCTime nor GeneralizedTime', tlv.offset);
  const [, year, month, day, hour, minute, second] = TIME.exec(text) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // `Date` would move 31 February into March.
  if (Number.isNaN(time.getTime()) || time.getUTCDate() !== Number(day)) {
    throw new DerError('a time that does not exist', tlv.offset);
  }
  return time;
}
