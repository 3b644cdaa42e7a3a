// §2.5.5: the segments into which an LPA splits a bound profile package, each for STORE DATA.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readHeader, segmentBoundProfilePackage } from '../../src/device/bpp-segments.ts';
import { DerError } from '../../src/rsp/der-error.ts';
import { encodeTlv } from '../../src/rsp/der.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);
const [request, configure, metadata, keys, profile] = [
  encodeTlv(0xbf23, hex('820101')),
  encodeTlv(0xa0, hex('8702aabb')),
  encodeTlv(0xa1, hex('8801aa8801bb')),
  encodeTlv(0xa2, hex('8703aabbcc')),
  encodeTlv(0xa3, encodeTlv(0x86, new Uint8Array(300)), hex('8601dd')),
] as const;

describe('§2.5.5 the segments of a bound profile package', () => {
  test('are the header with InitialiseSecureChannel, ConfigureISDP, and each 88, 87 and 86 after the header of its list', () => {
    const whole = encodeTlv(0xbf36, request, configure, metadata, keys, profile);
    const segments = segmentBoundProfilePackage(whole);
    assert.deepEqual(
      segments.map((segment) => segment.toHex()),
      [
        whole.subarray(0, 5).toHex() + request.toHex(),
        configure.toHex(),
        'a106',
        '8801aa',
        '8801bb',
        keys.toHex(),
        'a3820133',
        `8682012c${'00'.repeat(300)}`,
        '8601dd',
      ],
    );
    assert.deepEqual(Buffer.concat(segments), Buffer.from(whole), 'nothing is left out');
  });

  test('do not include ReplaceSessionKeys if the package has none', () => {
    const whole = encodeTlv(0xbf36, request, configure, metadata, profile);
    assert.ok(segmentBoundProfilePackage(whole).every(([tag]) => tag !== 0xa2));
  });

  test('are refused for anything else', () => {
    for (const other of [request, encodeTlv(0xbf36, configure), hex('bf36')]) {
      assert.throws(() => segmentBoundProfilePackage(other), DerError);
    }
  });

  test('a header gives the length of its content', () => {
    assert.deepEqual(readHeader(hex('bf36820133')), { tag: 0xbf36, size: 5, length: 0x133 });
    assert.deepEqual(readHeader(hex('8601dd')), { tag: 0x86, size: 2, length: 1 });
    for (const short of ['', 'bf36', 'bf368201', '8680', '8684000000ff']) {
      assert.throws(() => readHeader(hex(short)), DerError);
    }
  });
});
