// The DER of a profile package, X.690 §8.1 and §10.1: TLVs back to back, definite lengths on the
// fewest bytes.
import { SaipError } from './saip-error.ts';

export interface Tlv {
  tag: number; // one or two bytes, class and form bits included
  offset: number; // of the tag, in what was read
  whole: Uint8Array;
  content: Uint8Array;
}

const LONG_TAG = 0x1f;
const MAX_LENGTH_BYTES = 3; // 16 MB: more than any eUICC holds

/** Reads TLVs until the bytes end; `where` names them in an error. */
export function readTlvs(bytes: Uint8Array, where: string): Tlv[] {
  const elements: Tlv[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const element = readTlv(bytes, offset, where);
    elements.push(element);
    offset += element.whole.length;
  }
  return elements;
}

export function writeTlv(tag: number, content: Uint8Array): Uint8Array {
  const head = [...(tag > 0xff ? [tag >> 8] : []), tag & 0xff, ...lengthBytes(content.length)];
  const whole = new Uint8Array(head.length + content.length);
  whole.set(head);
  whole.set(content, head.length);
  return whole;
}

function readTlv(bytes: Uint8Array, offset: number, where: string): Tlv {
  let at = offset;
  const next = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw malformed(where, at, 'a tag and a length', 'the end');
    at += 1;
    return byte;
  };
  let tag = next();
  if ((tag & LONG_TAG) === LONG_TAG) {
    const number = next();
    if (number < LONG_TAG || number > 0x7f) {
      throw malformed(where, offset, 'a tag of one byte, or two when above 30', 'another form');
    }
    tag = (tag << 8) | number;
  }
  let length = next();
  if (length > 0x7f) {
    const count = length & 0x7f;
    if (count === 0 || count > MAX_LENGTH_BYTES) {
      throw malformed(where, offset, 'a definite length', count === 0 ? 'none' : 'too long a one');
    }
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + next();
    if (lengthBytes(length).length !== count + 1) {
      throw malformed(where, offset, 'a length on the fewest bytes', 'a longer one');
    }
  }
  const end = at + length;
  if (end > bytes.length) {
    throw malformed(where, offset, `${length} bytes of content`, `${bytes.length - at}`);
  }
  return {
    tag,
    offset,
    whole: bytes.subarray(offset, end),
    content: bytes.subarray(at, end),
  };
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function malformed(where: string, at: number, expected: string, got: string): SaipError {
  return new SaipError('malformed', where, `${expected} at byte ${at}`, got);
}
