import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerWriter } from '../../src/rsp/der-writer.ts';
import { encodeTlv } from '../../src/rsp/der.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

void test('additions come in front', () => {
  const out = new DerWriter();
  out.prepend(hex('0304'));
  out.prependByte(0x02);
  out.prepend(hex(''));
  out.prepend(hex('01'));
  assert.equal(out.size, 4);
  assert.equal(out.bytes.toHex(), '01020304');
});

void test('bytes taken from the writer do not change', () => {
  const out = new DerWriter(3);
  out.prepend(hex('0304'));
  const taken = out.bytes;
  out.prependByte(0x02);
  out.prependByte(0x01);
  assert.equal(taken.toHex(), '0304');
  assert.equal(out.bytes.toHex(), '01020304');
});

void test('a TLV of several parts equals that of encodeTlv', () => {
  const out = new DerWriter(0);
  const parts = [hex('01'), hex(''), hex('0203')];
  out.prepend(hex('ff'));
  out.prependTlv(0xbf36, parts);
  assert.deepEqual(out.bytes, hex(`${encodeTlv(0xbf36, ...parts).toHex()}ff`));
});

for (const tag of [0x30, 0x9f70, 0xbf36, 0xbf8101]) {
  for (const length of [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000]) {
    void test(`X.690 §8.1: a TLV ${tag.toString(16)} of ${length} bytes equals that of encodeTlv`, () => {
      const contents = new Uint8Array(length).fill(0x5a);
      // A writer so small that it must grow, at a different point each time.
      const out = new DerWriter(tag & 7);
      out.prepend(contents);
      out.prependHeader(tag, out.size);
      assert.deepEqual(out.bytes, encodeTlv(tag, contents));
    });
  }
}
