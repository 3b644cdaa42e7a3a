// Chained AES-CMAC (RFC 4493), as in the BPP protection (§2.6.4.4): each MAC is prepended to the next message.
import { createCipheriv, type Cipheriv } from 'node:crypto';

const BLOCK = 16;

/**
 * CMACs of successive messages: Mᵢ = CMAC(key, Mᵢ₋₁ ‖ messageᵢ).
 *
 * It is all one CBC stream. CBC XORs each block with the previous ciphertext, and the ciphertext before a message is
 * the previous MAC; so a block of zeros turns into the chaining value, and one cipher suffices.
 */
export class CmacChain {
  readonly #cbc: Cipheriv;
  readonly #subkeys: readonly [Uint8Array, Uint8Array];

  constructor(key: Uint8Array, initialChainingValue: Uint8Array) {
    this.#subkeys = cmacSubkeys(key);
    this.#cbc = createCipheriv('aes-128-cbc', key, initialChainingValue).setAutoPadding(false);
  }

  /** The MACs of the messages, 16 bytes each, concatenated. Messages must not be empty. */
  next(messages: readonly Uint8Array[]): Uint8Array {
    const ends: number[] = [];
    let size = 0;
    for (const { length } of messages) {
      size += BLOCK + Math.ceil(length / BLOCK) * BLOCK;
      ends.push(size);
    }
    const stream = new Uint8Array(size);
    messages.forEach((message, index) => {
      const end = ends[index] ?? 0;
      const start = (ends[index - 1] ?? 0) + BLOCK;
      stream.set(message, start);
      // RFC 4493 §2.4: a complete last block is XORed with K1, a padded one with K2.
      const isWhole = start + message.length === end;
      if (!isWhole) stream[start + message.length] = 0x80;
      xorInto(stream, end - BLOCK, this.#subkeys[isWhole ? 0 : 1]);
    });
    const encrypted = this.#cbc.update(stream);
    const macs = new Uint8Array(messages.length * BLOCK);
    ends.forEach((end, index) => macs.set(encrypted.subarray(end - BLOCK, end), index * BLOCK));
    return macs;
  }
}

/** K1 and K2 (RFC 4493 §2.3). */
export function cmacSubkeys(key: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const ecb = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const k1 = double(ecb.update(new Uint8Array(BLOCK)));
  return [k1, double(k1)];
}

/** Multiplication by x in GF(2¹²⁸). */
function double(block: Uint8Array): Uint8Array {
  const doubled = block.map((byte, index) => (byte << 1) | ((block[index + 1] ?? 0) >> 7));
  if ((block[0] ?? 0) >= 0x80) doubled[BLOCK - 1]! ^= 0x87;
  return Uint8Array.from(doubled);
}

/** XORs the block of `bytes` at `start` with the block of `other` at `from`. */
export function xorInto(bytes: Uint8Array, start: number, other: Uint8Array, from = 0): void {
  for (let index = 0; index < BLOCK; index += 1) bytes[start + index]! ^= other[from + index] ?? 0;
}
