// Decimal digits in nibbles: in reading order (as in the header's iccid) or swapped (as on a SIM), padded with F.
import { SaipError } from './saip-error.ts';

const DIALLING = '0123456789*#'; // TS 31.102 §4.4.2.3: A is *, B is #

export function requireDigits(where: string, text: string, min: number, max: number): void {
  if (!/^[0-9]*$/.test(text)) throw new SaipError('bad-value', where, 'decimal digits', 'others');
  if (text.length < min || text.length > max) {
    const expected = min === max ? `${min} digits` : `${min} to ${max} digits`;
    throw new SaipError('bad-size', where, expected, `${text.length}`);
  }
}

/** Nibbles in reading order, padded with F to `size` bytes. */
function encodeDigits(digits: string, size: number): Uint8Array {
  return Uint8Array.fromHex(toNibbles(digits).padEnd(2 * size, 'f'));
}

/** The first digit in the low nibble of the first byte, padded with F to `size` bytes. */
export function encodeSwappedDigits(digits: string, size: number): Uint8Array {
  return swapNibbles(encodeDigits(digits, size));
}

export function decodeSwappedDigits(where: string, bytes: Uint8Array): string {
  return fromNibbles(where, swapNibbles(bytes).toHex());
}

export function swapNibbles(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => ((byte & 0x0f) << 4) | (byte >> 4));
}

function toNibbles(digits: string): string {
  return digits.replaceAll('*', 'a').replaceAll('#', 'b');
}

function fromNibbles(where: string, nibbles: string): string {
  const digits = nibbles.replace(/f*$/, '');
  if (!/^[0-9ab]*$/.test(digits)) {
    throw new SaipError('bad-value', where, 'digits, then F', 'another nibble');
  }
  return digits.replace(/[ab]/g, (nibble) => DIALLING[parseInt(nibble, 16)] ?? '');
}
