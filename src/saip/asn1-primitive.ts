// The primitive ASN.1 types of a profile package: NULL, INTEGER, OCTET STRING, UTF8String, OBJECT
// IDENTIFIER, X.690 §8.
import type { Asn1Type } from './asn1-type.ts';
import { SaipError, sizeError } from './saip-error.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const nullType: Asn1Type<true> = {
  tag: 0x05,
  decode(content, where) {
    requireLength(content, 0, 0, where);
    return true;
  },
  write: () => undefined,
  describe: () => 'NULL',
};

export function integer(min: number, max: number, names: readonly string[] = []): Asn1Type<number> {
  return {
    tag: 0x02,
    decode(content, where) {
      requireLength(content, 1, 6, where);
      const [first = 0, second = 0] = content;
      if (content.length > 1 && (first === 0 || first === 0xff) && first >> 7 === second >> 7) {
        throw new SaipError('malformed', where, 'the shortest integer', 'a longer one');
      }
      const magnitude = content.reduce((sum, byte) => sum * 256 + byte, 0);
      const value = first & 0x80 ? magnitude - 256 ** content.length : magnitude;
      requireRange(value, min, max, where);
      return value;
    },
    write(value, where, out) {
      requireRange(value, min, max, where);
      let [rest, last] = [value, 0];
      do {
        last = rest % 256;
        out.prependByte(last);
        rest = Math.floor(rest / 256);
      } while (rest > 0);
      if (last >= 0x80) out.prependByte(0);
    },
    describe: (value) => names[value] ?? `${value}`,
  };
}

/** A decoded value is a view of the bytes from which it was decoded. */
export function octetString(min = 0, max = Infinity): Asn1Type<Uint8Array> {
  return {
    tag: 0x04,
    decode(content, where) {
      requireLength(content, min, max, where);
      return content;
    },
    write(value, where, out) {
      requireLength(value, min, max, where);
      out.prepend(value);
    },
    describe: (value) => `'${value.toHex().toUpperCase()}'H`,
  };
}

/** A key, code or other secret: a description gives only its size. */
export function secret(type: Asn1Type<Uint8Array>): Asn1Type<Uint8Array> {
  return { ...type, describe: (value) => `<${value.length} secret bytes>` };
}

export function utf8String(min: number, max: number): Asn1Type<string> {
  return {
    tag: 0x0c,
    decode(content, where) {
      let text: string;
      try {
        text = decoder.decode(content);
      } catch (error) {
        throw new SaipError('malformed', where, 'UTF-8', 'other bytes', error);
      }
      requireCharacters(text, min, max, where);
      return text;
    },
    write(value, where, out) {
      requireCharacters(value, min, max, where);
      out.prepend(encoder.encode(value));
    },
    describe: (value) => JSON.stringify(value),
  };
}

/** Cache of encoded identifiers: each package contains those of the templates many times. */
const writtenOids = new Map<string, Uint8Array>();
const OIDS_LIMIT = 100;

/** In dotted notation. */
export const objectIdentifier: Asn1Type<string> = {
  tag: 0x06,
  decode(content, where) {
    requireLength(content, 1, Infinity, where);
    const arcs: number[] = [];
    let arc = 0;
    let fresh = true;
    for (const byte of content) {
      if ((fresh && byte === 0x80) || arc >= 2 ** 40) {
        throw new SaipError('malformed', where, 'the shortest arcs', 'a longer one');
      }
      arc = arc * 128 + (byte & 0x7f);
      fresh = (byte & 0x80) === 0;
      if (fresh) {
        arcs.push(arc);
        arc = 0;
      }
    }
    if (!fresh) throw new SaipError('malformed', where, 'a complete arc', 'the end');
    const [joint = 0, ...rest] = arcs;
    const root = Math.min(2, Math.floor(joint / 40));
    return [root, joint - 40 * root, ...rest].join('.');
  },
  write(value, where, out) {
    const known = writtenOids.get(value);
    if (known) return out.prepend(known);
    if (!/^[0-2](\.(0|[1-9][0-9]{0,11}))+$/.test(value)) {
      throw new SaipError('bad-value', where, 'an object identifier', JSON.stringify(value));
    }
    const [root = 0, second = 0, ...rest] = value.split('.').map(Number);
    const content = Uint8Array.from([40 * root + second, ...rest].flatMap(base128));
    if (writtenOids.size < OIDS_LIMIT) writtenOids.set(value, content);
    out.prepend(content);
  },
  describe: (value) => `{ ${value.replaceAll('.', ' ')} }`,
};

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 | (rest % 128));
  }
  return bytes;
}

function requireLength(bytes: Uint8Array, min: number, max: number, where: string): void {
  if (bytes.length < min || bytes.length > max)
    throw sizeError(bytes.length, min, max, 'bytes', where);
}

function requireCharacters(text: string, min: number, max: number, where: string): void {
  const { length } = Array.from(text);
  if (length < min || length > max) throw sizeError(length, min, max, 'characters', where);
}

function requireRange(value: number, min: number, max: number, where: string): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new SaipError('bad-value', where, `${min} to ${max}`, `${value}`);
  }
}
