// AES-CMAC (RFC 4493) with each result leading the next message, as the BPP protection chains them (§2.6.4.4).
import { createCipheriv, type Cipheriv } from 'node:crypto';

const BLOCK = 16;

/**
 * CMACs of message after message: Mᵢ = CMAC(key, Mᵢ₋₁ ‖ messageᵢ).
 *
 * All of it is one CBC stream. CBC adds the block before to each block, and the block before a message is
 * the MAC before it; so a block of zeros becomes the chaining value, with no second cipher ever made.
 */
export class CmacChain {
  readonly #cbc: Cipheriv;
  readonly #subkeys: readonly [Uint8Array, Uint8Array];

  constructor(key: Uint8Array, initialChainingValue: Uint8Array) {
    this.#subkeys = cmacSubkeys(key);
    this.#cbc = createCipheriv('aes-128-cbc', key, initialChainingValue).setAutoPadding(false);
  }

  /** The MACs of the messages, 16 bytes each and one after the other. No message is empty. */
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
      // RFC 4493 §2.4: a whole last block is added to K1, a padded one to K2.
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

/** Adds to the block of `bytes` that begins at `start` the block of `other` that begins at `from`. */
export function xorInto(bytes: Uint8Array, start: number, other: Uint8Array, from = 0): void {
  for (let index = 0; index < BLOCK; index += 1) bytes[start + index]! ^= other[from + index] ?? 0;
}
