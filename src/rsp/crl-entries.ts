// The entries of a CRL (RFC 5280 §5.1.2.6). A list may have a million, so they stay in its bytes: they are checked one by one when
// it is read, and indexed by serial number when one is looked for.
import { readCrlEntryExtensions, type CrlEntryExtensions } from './crl-extensions.ts';
import { DerError } from './der-error.ts';
import { readIntegerBytes, readTime } from './der-values.ts';
import { DerReader, readDer, type Tlv } from './der.ts';
import { isSameName, type Name } from './distinguished-name.ts';

export interface CrlEntries {
  readonly revoked: SerialNumbers;
  readonly revokedOfOthers: readonly { readonly issuer: Name; readonly serialNumberHex: string }[];
  readonly unusable: readonly string[];
}

/** An entry has at least an INTEGER of one byte and a UTCTime. */
const LEAST_BYTES = 20;
/** RFC 5280 §5.2.3 has 20; some CAs have more. */
const MOST_SERIAL_BYTES = 0x7f;
/** Kinds of extensions that are remembered: most entries have the same few reasons. */
const MOST_REMEMBERED = 64;
const MOST_REMEMBERED_BYTES = 64;

/** Throws `DerError`. */
export function readCrlEntries(list: Tlv, crlIssuer: Name): CrlEntries {
  const bytes = list.contents;
  const positions = new Uint32Array(Math.floor(bytes.length / LEAST_BYTES) + 1);
  const revokedOfOthers: { issuer: Name; serialNumberHex: string }[] = [];
  const unknown = new Set<string>();
  const extensionsOf = rememberedExtensions();
  let count = 0;
  let issuer = crlIssuer;
  let isOwn = true;
  for (let at = 0; at < bytes.length;) {
    const entry = readPlainEntry(bytes, at) ?? readEntry(bytes, at, list);
    at = entry.end;
    if (entry.extensions !== undefined) {
      const { certificateIssuer, isRemoved, unknownCritical } = extensionsOf(entry.extensions);
      if (certificateIssuer !== undefined) {
        issuer = certificateIssuer;
        isOwn = isSameName(issuer, crlIssuer);
      }
      for (const oid of unknownCritical) unknown.add(oid);
      if (isRemoved) continue;
    }
    if (isOwn) positions[count++] = entry.serialAt;
    else revokedOfOthers.push({ issuer, serialNumberHex: hexAt(bytes, entry.serialAt) });
  }
  // RFC 5280 §5.3: such a CRL must not be used for any certificate, not only for that entry.
  const unusable = [...unknown].map((oid) => `critical extension ${oid} of an entry is unknown`);
  return {
    revoked: new SerialNumbers(bytes, positions.slice(0, count)),
    revokedOfOthers,
    unusable,
  };
}

/** Serial numbers, as in `Certificate.serialNumberHex`. */
export class SerialNumbers {
  static readonly none = new SerialNumbers(new Uint8Array(), new Uint32Array());

  readonly #bytes: Uint8Array;
  readonly #positions: Uint32Array;
  /** By hash, the numbers of positions, from 1; a power of two of them, half of which at least are empty. */
  #table: Uint32Array | undefined;

  /** @param positions of the length bytes of INTEGERs in `bytes` */
  constructor(bytes: Uint8Array, positions: Uint32Array) {
    this.#bytes = bytes;
    this.#positions = positions;
  }

  get size(): number {
    return this.#positions.length;
  }

  has(serialNumberHex: string): boolean {
    if (this.size === 0) return false;
    // Not before the CRL is verified: whoever has signed it has no reason to make the index slow.
    this.#table ??= this.#index();
    const wanted = Buffer.from(serialNumberHex, 'hex');
    const mask = this.#table.length - 1;
    for (let slot = hashOf(wanted, 0, wanted.length) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#table[slot]!;
      if (number === 0) return false;
      const at = this.#positions[number - 1]!;
      const length = this.#bytes[at]!;
      if (length === wanted.length && isSameAt(this.#bytes, at + 1, wanted)) return true;
    }
  }

  *[Symbol.iterator](): Generator<string> {
    for (const at of this.#positions) yield hexAt(this.#bytes, at);
  }

  #index(): Uint32Array {
    const table = new Uint32Array(2 ** Math.ceil(Math.log2(2 * this.size)));
    const mask = table.length - 1;
    for (const [index, at] of this.#positions.entries()) {
      let slot = hashOf(this.#bytes, at + 1, at + 1 + this.#bytes[at]!) & mask;
      while (table[slot] !== 0) slot = (slot + 1) & mask;
      table[slot] = index + 1;
    }
    return table;
  }
}

interface Entry {
  /** Of the length byte of its INTEGER. */
  serialAt: number;
  /** DER of its extensions. */
  extensions: Uint8Array | undefined;
  end: number;
}

/** The usual form, without objects for each part; undefined: another form, or none at all. */
function readPlainEntry(bytes: Uint8Array, start: number): Entry | undefined {
  const serialAt = start + 3;
  const length = bytes[serialAt] ?? 0;
  const first = bytes[serialAt + 1]!;
  const timeAt = serialAt + 1 + length;
  const end = start + 2 + bytes[start + 1]!;
  if (
    bytes[start] !== 0x30 ||
    bytes[start + 1]! >= 0x80 ||
    bytes[start + 2] !== 0x02 ||
    end > bytes.length ||
    length === 0 ||
    length > MOST_SERIAL_BYTES ||
    (length > 1 && (first === 0 || first === 0xff)) ||
    !isUtcTime(bytes, timeAt)
  ) {
    return undefined;
  }
  const restAt = timeAt + UTC_TIME_BYTES;
  if (restAt === end) return { serialAt, extensions: undefined, end };
  if (bytes[restAt] !== 0x30 || restAt + 2 + bytes[restAt + 1]! !== end) return undefined;
  return { serialAt, extensions: bytes.subarray(restAt, end), end };
}

const UTC_TIME_BYTES = 15;
/** The largest month, day, hour, minute and second. */
const LARGEST = [12, 31, 23, 59, 59];

/** YYMMDDhhmmssZ, of which only impossible days remain. */
function isUtcTime(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0x17 || bytes[at + 1] !== 13 || bytes[at + 14] !== 0x5a) return false;
  for (let pair = 0; pair < 6; pair += 1) {
    const [tens, ones] = [bytes[at + 2 + 2 * pair]! - 0x30, bytes[at + 3 + 2 * pair]! - 0x30];
    if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return false;
    if (pair > 0 && 10 * tens + ones > LARGEST[pair - 1]!) return false;
    if ((pair === 1 || pair === 2) && tens === 0 && ones === 0) return false;
  }
  return true;
}

/** Any form. Throws `DerError`. */
function readEntry(bytes: Uint8Array, start: number, list: Tlv): Entry {
  const reader = new DerReader(bytes.subarray(start), list.contentsOffset + start, list.depth + 1);
  const whole = reader.expect(0x30, 'revokedCertificate');
  const entry = DerReader.inside(whole);
  const serial = entry.expect(0x02, 'userCertificate');
  const { length } = readIntegerBytes(serial);
  if (length > MOST_SERIAL_BYTES) {
    throw new DerError(`a serial number of ${length} bytes`, serial.offset);
  }
  readTime(entry.next());
  const extensions = entry.nextIf(0x30);
  entry.finish();
  return {
    serialAt: serial.offset + 1 - list.contentsOffset,
    extensions: extensions?.der,
    end: start + whole.der.length,
  };
}

/** Reads extensions, and those that most entries have but once. */
function rememberedExtensions(): (der: Uint8Array) => CrlEntryExtensions {
  const remembered = new Map<string, CrlEntryExtensions>();
  return (der) => {
    if (der.length > MOST_REMEMBERED_BYTES) return readCrlEntryExtensions(readDer(der));
    const key = String.fromCharCode(...der);
    const known = remembered.get(key);
    if (known !== undefined) return known;
    const read = readCrlEntryExtensions(readDer(der));
    if (remembered.size < MOST_REMEMBERED) remembered.set(key, read);
    return read;
  };
}

function hexAt(bytes: Uint8Array, at: number): string {
  return bytes
    .subarray(at + 1, at + 1 + bytes[at]!)
    .toHex()
    .toUpperCase();
}

function isSameAt(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let index = 0; index < wanted.length; index += 1) {
    if (bytes[at + index] !== wanted[index]) return false;
  }
  return true;
}

/** FNV-1a, mixed once more since only its lowest bits are used. */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
