import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { BppProtection, MAX_SEGMENT, type SegmentTag } from '../../src/rsp/bpp-protection.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { encodeTlv } from '../../src/rsp/der.ts';
import { VerifyError } from '../../src/rsp/verify-error.ts';
import { hex, readVectors, toHex } from './vectors.ts';

const vectors = readVectors('bpp-protection') as {
  initialMacChainingValueHex: string;
  sEncHex: string;
  sMacHex: string;
  segments: { tag: string; plaintextHex: string; segmentHex: string }[];
};
const keys = {
  initialMacChainingValue: hex(vectors.initialMacChainingValueHex),
  sEnc: hex(vectors.sEncHex),
  sMac: hex(vectors.sMacHex),
};
const tagOf = (tag: string): SegmentTag => Number.parseInt(tag, 16) as SegmentTag;

function assertRefused(segments: Uint8Array[], withKeys = keys): void {
  assert.throws(() => new BppProtection(withKeys).unprotect(0x86, segments), VerifyError);
}

describe('§2.6.4.3, §2.6.4.4 protection of segments', () => {
  test('segments equal those made step by step with OpenSSL', () => {
    const sender = new BppProtection(keys);
    const receiver = new BppProtection(keys);
    for (const { tag, plaintextHex, segmentHex } of vectors.segments) {
      const segments = sender.protect(tagOf(tag), hex(plaintextHex));
      assert.deepEqual(segments.map(toHex), [segmentHex]);
      assert.equal(toHex(receiver.unprotect(tagOf(tag), segments)), plaintextHex);
    }
  });

  test('§2.5.3 a segment has at most 1020 bytes: 1007 in cipher, 1008 in clear', () => {
    for (const [tag, size, sizes] of [
      [0x86, 1007, [1020]],
      [0x86, 1008, [1020, 26]],
      [0x87, 1007, [1020]],
      [0x88, 1008, [1020]],
      [0x88, 1009, [1020, 11]],
      [0x86, 30 * 1024, [...Array<number>(30).fill(1020), 524]],
    ] as const) {
      const segments = new BppProtection(keys).protect(tag, new Uint8Array(size));
      assert.deepEqual(
        segments.map(({ length }) => length),
        sizes,
      );
    }
  });

  test('§2.6.4.4 the counter also counts segments in clear', () => {
    const one = new BppProtection(keys);
    const other = new BppProtection(keys);
    one.protect(0x88, hex('00'));
    one.protect(0x88, hex('00'));
    other.protect(0x88, new Uint8Array(1009));
    // Another MAC, because the chain differs, but the same ciphertext, because both are at the third block.
    const [first] = one.protect(0x86, hex('0102'));
    const [second] = other.protect(0x86, hex('0102'));
    assert.deepEqual(first?.subarray(0, 18), second?.subarray(0, 18));
  });

  test('protected data is recovered', () => {
    const commands = fc.array(
      fc.tuple(fc.constantFrom(0x86, 0x87, 0x88), fc.uint8Array({ minLength: 1, maxLength: 3000 })),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(commands, (list) => {
        const sender = new BppProtection(keys);
        const receiver = new BppProtection(keys);
        for (const [tag, plaintext] of list as [SegmentTag, Uint8Array][]) {
          const segments = sender.protect(tag, plaintext);
          assert.ok(segments.every(({ length }) => length <= MAX_SEGMENT));
          assert.deepEqual(receiver.unprotect(tag, segments), plaintext);
        }
      }),
      { seed: 4, numRuns: 50 },
    );
  });

  test('a changed, missing, repeated or reordered segment causes a wrong MAC', () => {
    const segments = new BppProtection(keys).protect(0x86, new Uint8Array(2500));
    const [one, two, three] = segments as [Uint8Array, Uint8Array, Uint8Array];
    for (const index of [4, 500, 1011, 1012, 1019]) {
      const changed = Uint8Array.from(one);
      changed[index]! ^= 1;
      assertRefused([changed, two, three]);
    }
    assertRefused([two, three]);
    assertRefused([one, three]);
    assertRefused([one, one, two, three]);
    assertRefused([two, one, three]);
  });

  test('another key or chaining value causes a wrong MAC', () => {
    const segments = new BppProtection(keys).protect(0x86, new Uint8Array(20));
    for (const other of [
      { ...keys, sMac: keys.sEnc },
      { ...keys, initialMacChainingValue: keys.sEnc },
    ]) {
      assertRefused(segments, other);
    }
  });

  test('a wrong encryption key shows in the padding', () => {
    const segments = new BppProtection(keys).protect(0x86, new Uint8Array(4));
    assert.throws(
      () => new BppProtection({ ...keys, sEnc: keys.sMac }).unprotect(0x86, segments),
      /padding/,
    );
  });

  test('anything but a segment is refused', () => {
    for (const segment of [
      encodeTlv(0x86, new Uint8Array(8)),
      encodeTlv(0x86, new Uint8Array(25)),
      encodeTlv(0x87, new Uint8Array(24)),
      encodeTlv(0x86, new Uint8Array(1032)),
      hex('8601'),
    ]) {
      assert.throws(() => new BppProtection(keys).unprotect(0x86, [segment]), DerError);
    }
    assert.throws(() => new BppProtection(keys).unprotect(0x86, []), DerError);
  });
});
