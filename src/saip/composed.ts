// Byte strings composed of others, such as the content of a file, with the parts of which they are made. So it is
// known where a value is, however often it was copied.
import { concat } from './asn1-type.ts';

const parts = new WeakMap<Uint8Array, readonly Uint8Array[]>();

export function compose(...those: readonly Uint8Array[]): Uint8Array {
  const whole = concat(those);
  parts.set(whole, those);
  return whole;
}

/** A copy of the first `size` bytes. */
export function headOf(whole: Uint8Array, size: number): Uint8Array {
  const head = whole.slice(0, size);
  parts.set(head, [whole]);
  return head;
}

/** Calls `visit` with the byte string itself and, recursively, with its parts, each with its offset in the first. */
export function visitParts(
  whole: Uint8Array,
  visit: (part: Uint8Array, offset: number) => void,
  offset = 0,
): void {
  visit(whole, offset);
  let at = offset;
  for (const part of parts.get(whole) ?? []) {
    visitParts(part, visit, at);
    at += part.length;
  }
}
