import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { CmacChain, cmacSubkeys } from '../../src/rsp/cmac-chain.ts';
import { hex, readVectors, toHex } from './vectors.ts';

const vectors = readVectors('cmac') as {
  keyHex: string;
  k1Hex: string;
  k2Hex: string;
  cases: { messageHex: string; macHex: string }[];
};
const key = hex(vectors.keyHex);

/** A literal implementation of RFC 4493 §2.4, as reference for the chain. */
function cmac(cmacKey: Uint8Array, message: Uint8Array): Uint8Array {
  const [k1, k2] = cmacSubkeys(cmacKey);
  const blocks = Math.max(1, Math.ceil(message.length / 16));
  const padded = Buffer.alloc(blocks * 16);
  padded.set(message);
  const isWhole = message.length === padded.length;
  if (!isWhole) padded[message.length] = 0x80;
  const subkey = isWhole ? k1 : k2;
  for (let index = 0; index < 16; index += 1) padded[padded.length - 16 + index]! ^= subkey[index]!;
  const cbc = createCipheriv('aes-128-cbc', cmacKey, Buffer.alloc(16)).setAutoPadding(false);
  return Uint8Array.from(cbc.update(padded).subarray(-16));
}

describe('AES-CMAC (RFC 4493)', () => {
  test('RFC 4493 §2.3 subkeys', () => {
    assert.deepEqual(cmacSubkeys(key).map(toHex), [vectors.k1Hex, vectors.k2Hex]);
  });

  for (const { messageHex, macHex } of vectors.cases) {
    test(`RFC 4493 §4 message of ${messageHex.length / 2} bytes`, () => {
      assert.equal(toHex(cmac(key, hex(messageHex))), macHex);
      if (messageHex.length <= 32) return; // a chain prepends a block to its message
      const chain = new CmacChain(key, hex(messageHex.slice(0, 32)));
      assert.equal(toHex(chain.next([hex(messageHex.slice(32))])), macHex);
    });
  }

  test('§2.6.4.4 each MAC is prepended to the next message, also across calls', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 70 }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, messages, (first, second) => {
        const chain = new CmacChain(key, new Uint8Array(16));
        const macs = toHex(Buffer.concat([chain.next(first), chain.next(second)]));
        let expected = '';
        let before: Uint8Array = new Uint8Array(16);
        for (const message of [...first, ...second]) {
          before = cmac(key, Buffer.concat([before, message]));
          expected += toHex(before);
        }
        assert.equal(macs, expected);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
