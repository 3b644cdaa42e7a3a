// Names on a SIM, TS 102 221 annex A: the GSM default alphabet, one character per byte, or UCS2 in one of three
// forms.
import { SaipError } from './saip-error.ts';

// TS 23.038 §6.2.1, 00 to 7F; 1B is the escape to the extension table.
const DEFAULT_ALPHABET = [
  '@£$¥èéùìòÇ\nØø\rÅå',
  'Δ_ΦΓΛΩΠΨΣΘΞ\u001bÆæßÉ',
  ' !"#¤%&\'()*+,-./',
  '0123456789:;<=>?',
  '¡ABCDEFGHIJKLMNO',
  'PQRSTUVWXYZÄÖÑÜ§',
  '¿abcdefghijklmno',
  'pqrstuvwxyzäöñüà',
].join('');
const ESCAPE = 0x1b;
const EXTENSION = new Map([
  ['^', 0x14],
  ['{', 0x28],
  ['}', 0x29],
  ['\\', 0x2f],
  ['[', 0x3c],
  ['~', 0x3d],
  [']', 0x3e],
  ['|', 0x40],
  ['€', 0x65],
]); // TS 23.038 §6.2.1.1

/** Encodes into exactly `size` bytes, padded with FF: in the default alphabet if possible, else in UCS2 as 80 or 81. */
export function encodeAlpha(where: string, text: string, size: number): Uint8Array {
  const forms = [toDefaultAlphabet(text), toUcs2(text), toUcs2WithBase(text)];
  const fitting = forms.find((form) => form !== undefined && form.length <= size);
  if (!fitting)
    throw new SaipError('bad-size', where, `a name that fits ${size} bytes`, 'a longer one');
  const bytes = new Uint8Array(size).fill(0xff);
  bytes.set(fitting);
  return bytes;
}

export function decodeAlpha(where: string, bytes: Uint8Array): string {
  const [form = 0xff, , high = 0, low = 0] = bytes;
  if (form === 0x80) return fromUcs2(bytes.subarray(1));
  if (form === 0x81) return fromUcs2WithBase(where, bytes, 3, high << 7);
  if (form === 0x82) return fromUcs2WithBase(where, bytes, 4, (high << 8) | low);
  const end = bytes.indexOf(0xff);
  return fromDefaultAlphabet(where, end < 0 ? bytes : bytes.subarray(0, end));
}

function toDefaultAlphabet(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const code = DEFAULT_ALPHABET.indexOf(character);
    const extended = EXTENSION.get(character);
    if (code >= 0 && code !== ESCAPE) bytes.push(code);
    else if (extended !== undefined) bytes.push(ESCAPE, extended);
    else return undefined;
  }
  return Uint8Array.from(bytes);
}

function fromDefaultAlphabet(where: string, bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes[i] ?? 0;
    const character =
      code === ESCAPE
        ? [...EXTENSION].find(([, extended]) => extended === bytes[i + 1])?.[0]
        : DEFAULT_ALPHABET[code];
    if (character === undefined) {
      throw new SaipError('bad-value', where, 'the GSM default alphabet', `byte ${code}`);
    }
    if (code === ESCAPE) i += 1;
    text += character;
  }
  return text;
}

function codeUnits(text: string): number[] {
  return Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
}

function toUcs2(text: string): Uint8Array {
  return Uint8Array.from([0x80, ...codeUnits(text).flatMap((unit) => [unit >> 8, unit & 0xff])]);
}

function fromUcs2(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const unit = ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
    if (unit === 0xffff) break;
    text += String.fromCharCode(unit);
  }
  return text;
}

/** 81, number of characters, base (its bits 15 to 8): for scripts whose letters are in one block of 128. */
function toUcs2WithBase(text: string): Uint8Array | undefined {
  const units = codeUnits(text);
  const outside = units.filter((unit) => !isBasic(unit));
  const base = (outside[0] ?? 0) >> 7;
  if (base > 0xff || outside.some((unit) => unit >> 7 !== base)) return undefined;
  const coded = units.map((unit) =>
    isBasic(unit) ? DEFAULT_ALPHABET.indexOf(String.fromCharCode(unit)) : 0x80 | (unit & 0x7f),
  );
  return Uint8Array.from([0x81, units.length, base, ...coded]);
}

function isBasic(unit: number): boolean {
  const code = DEFAULT_ALPHABET.indexOf(String.fromCharCode(unit));
  return code >= 0 && code !== ESCAPE;
}

function fromUcs2WithBase(where: string, bytes: Uint8Array, head: number, base: number): string {
  const length = bytes[1] ?? 0;
  const coded = bytes.subarray(head, head + length);
  if (coded.length !== length) {
    throw new SaipError('bad-size', where, `${length} characters`, `${coded.length}`);
  }
  return Array.from(coded, (byte) =>
    byte & 0x80 ? String.fromCharCode(base + (byte & 0x7f)) : (DEFAULT_ALPHABET[byte] ?? ''),
  ).join('');
}
