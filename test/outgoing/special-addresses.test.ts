// IANA's special-purpose address registries, and IPv4 inside IPv6 in all its forms.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { isPublicAddress } from '../../src/outgoing/special-addresses.ts';

/** The first and the last address of each range. */
const SPECIAL: [first: string, last: string, reference: string][] = [
  ['0.0.0.0', '0.255.255.255', 'RFC 791 §3.2'],
  ['10.0.0.0', '10.255.255.255', 'RFC 1918'],
  ['100.64.0.0', '100.127.255.255', 'RFC 6598'],
  ['127.0.0.0', '127.255.255.255', 'RFC 1122 §3.2.1.3'],
  ['169.254.0.0', '169.254.255.255', 'RFC 3927'],
  ['172.16.0.0', '172.31.255.255', 'RFC 1918'],
  ['192.0.0.0', '192.0.0.255', 'RFC 6890 §2.1'],
  ['192.0.0.9', '192.0.0.10', 'RFC 7723, RFC 8155'],
  ['192.0.2.0', '192.0.2.255', 'RFC 5737'],
  ['192.31.196.0', '192.31.196.255', 'RFC 7535'],
  ['192.52.193.0', '192.52.193.255', 'RFC 7450'],
  ['192.88.99.0', '192.88.99.255', 'RFC 7526'],
  ['192.168.0.0', '192.168.255.255', 'RFC 1918'],
  ['192.175.48.0', '192.175.48.255', 'RFC 7534'],
  ['198.18.0.0', '198.19.255.255', 'RFC 2544'],
  ['198.51.100.0', '198.51.100.255', 'RFC 5737'],
  ['203.0.113.0', '203.0.113.255', 'RFC 5737'],
  ['224.0.0.0', '239.255.255.255', 'RFC 5771'],
  ['240.0.0.0', '255.255.255.255', 'RFC 1112 §4, RFC 919 §7'],
  ['::', '::1', 'RFC 4291'],
  ['::2', '::ffff:ffff', 'RFC 4291 §2.5.5.1'],
  ['::ffff:0:0:0', '::ffff:0:ffff:ffff', 'RFC 2765'],
  ['64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', 'RFC 8215'],
  ['100::', '100::ffff:ffff:ffff:ffff', 'RFC 6666'],
  ['100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff', 'RFC 9780'],
  ['2001::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 2928'],
  ['2001::1', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4380'],
  ['2001:1::1', '2001:1::3', 'RFC 7723, RFC 8155, RFC 9665'],
  ['2001:2::', '2001:2:0:ffff:ffff:ffff:ffff:ffff', 'RFC 5180'],
  ['2001:3::', '2001:3:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 7450'],
  ['2001:4:112::', '2001:4:112:ffff:ffff:ffff:ffff:ffff', 'RFC 7535'],
  ['2001:10::', '2001:1f:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4843'],
  ['2001:20::', '2001:2f:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 7343'],
  ['2001:30::', '2001:3f:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 9374'],
  ['2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 3849'],
  ['2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 3056'],
  ['2620:4f:8000::', '2620:4f:8000:ffff:ffff:ffff:ffff:ffff', 'RFC 7534'],
  ['3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 9637'],
  ['5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 9602'],
  ['fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4193'],
  ['fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4291 §2.5.6'],
  ['fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 3879'],
  ['ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4291 §2.7'],
  ['200::', '1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4291 §2.4: not assigned'],
  ['4000::', 'fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'RFC 4291 §2.4: not assigned'],
];

/** Adjacent to special ranges, and some in common use. */
const PUBLIC = [
  '1.0.0.0 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 169.253.255.255',
  '169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 192.0.3.0 192.31.195.255 192.31.197.0',
  '192.52.192.255 192.52.194.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 192.175.47.255',
  '192.175.49.0 198.17.255.255 198.20.0.0 198.51.99.255 198.51.101.0 203.0.112.255 203.0.114.0',
  '223.255.255.255 8.8.8.8 2000:: 2001:200:: 2001:db7:ffff:ffff:ffff:ffff:ffff:ffff 2001:db9::',
  '2001:4860:4860::8888 2003:: 2606:4700:4700::1111 2620:4f:7fff:: 2620:4f:8001:: 3ffe:: 3fff:1000::',
  '::ffff:8.8.8.8 ::ffff:808:808 ::FFFF:808:808 64:ff9b::8.8.8.8 64:ff9b::808:808 2a00::5efe:808:808',
].flatMap((line) => line.split(' '));

describe('public addresses', () => {
  test("exclude IANA's special ones", () => {
    for (const [first, last, reference] of SPECIAL) {
      for (const address of [first, last]) {
        assert.equal(isPublicAddress(address), false, `${address}: ${reference}`);
      }
    }
  });

  test('include all others', () => {
    assert.deepEqual(
      PUBLIC.filter((address) => !isPublicAddress(address)),
      [],
    );
  });

  test('exclude those that embed a special IPv4 address, in any form', () => {
    const ipv4 = fc
      .tuple(fc.constantFrom(0, 10, 127, 224, 240, 255), fc.nat(255), fc.nat(255), fc.nat(255))
      .map(([a, b, c, d]) => ({
        dotted: `${a}.${b}.${c}.${d}`,
        hex: [(a << 8) | b, (c << 8) | d].map((group) => group.toString(16)).join(':'),
        inverted: [(a << 8) | b, (c << 8) | d]
          .map((group) => (group ^ 0xffff).toString(16))
          .join(':'),
      }));
    fc.assert(
      fc.property(ipv4, ({ dotted, hex, inverted }) => {
        for (const address of [
          dotted,
          `::ffff:${dotted}`,
          `::ffff:${hex}`,
          `0:0:0:0:0:FFFF:${hex.toUpperCase()}`,
          `::${dotted}`,
          `::${hex}`,
          `::ffff:0:${dotted}`,
          `::ffff:0:${hex}`,
          `64:ff9b::${dotted}`,
          `64:ff9b::${hex}`,
          `64:ff9b:1::${hex}`,
          `2002:${hex}::1`,
          `2001:0:${hex}::1`,
          `2001:0:808:808:0:1:${inverted}`,
          `2a00::5efe:${hex}`,
          `2a00::200:5efe:${dotted}`,
          `fe80::5efe:${hex}%1`,
        ]) {
          assert.equal(isPublicAddress(address), false, address);
        }
      }),
    );
  });

  test('exclude text that is not an address', () => {
    for (const text of ['', 'localhost', '127.1', '0177.0.0.1', '8.8.8.8.', '[::1]', '1::2::3']) {
      assert.equal(isPublicAddress(text), false, text);
    }
  });
});
