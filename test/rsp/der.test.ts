import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DerError } from '../../src/rsp/der-error.ts';
import { DerReader, encodeTlv, readDer } from '../../src/rsp/der.ts';
import { hex, toHex } from './vectors.ts';

function refuses(bytes: string, message: RegExp, offset: number): void {
  assert.throws(
    () => readDer(hex(bytes)),
    (error) => {
      assert.ok(error instanceof DerError);
      assert.match(error.message, message);
      assert.equal(error.offset, offset);
      return true;
    },
  );
}

describe('DER (X.690)', () => {
  test('X.690 §8.1 a TLV is a slice of its surrounding bytes', () => {
    const bytes = hex('bf20 05 8203020500');
    const tlv = readDer(bytes);
    assert.equal(tlv.tag, 0xbf20);
    assert.equal(tlv.der.buffer, bytes.buffer);
    const inner = DerReader.inside(tlv).next();
    assert.deepEqual([inner.tag, inner.offset, inner.contentsOffset], [0x82, 3, 5]);
    assert.equal(toHex(inner.contents), '020500');
  });

  test('X.690 §8.1.2 tags of one, two and three bytes', () => {
    assert.equal(readDer(hex('3000')).tag, 0x30);
    assert.equal(readDer(hex('5f3700')).tag, 0x5f37);
    assert.equal(readDer(hex('bf814800')).tag, 0xbf8148);
  });

  test('X.690 §8.1.2.4.2 a tag number in more bytes than necessary is refused', () => {
    refuses('bf8020 00', /minimal/, 0);
    refuses('bf1e 00', /minimal/, 0);
    refuses('bf81808000', /more than 3/, 0);
  });

  test('X.690 §10.1 a length in more bytes than necessary is refused', () => {
    refuses('04 81 01 00', /minimal/, 1);
    refuses('04 82 0080', /minimal/, 1);
    refuses('04 8500000000 01 00', /length of 5 bytes/, 1);
  });

  test('X.690 §10.1 the indefinite length is refused', () =>
    refuses('30 80 0000', /indefinite/, 1));

  test('a TLV with a length larger or smaller than its data is refused', () => {
    refuses('04 02 00', /has length 2, but only 1 bytes follow/, 0);
    refuses('04 01 00 00', /1 bytes too many/, 3);
    refuses('', /end within/, 0);
    refuses('bf', /end within/, 1);
    refuses('04 82 01', /end within/, 3);
  });

  test('nesting is limited', () => {
    let der: Uint8Array = encodeTlv(0x04);
    for (let depth = 0; depth < 40; depth += 1) der = encodeTlv(0x30, der);
    assert.throws(() => {
      for (let tlv = readDer(der); ; tlv = DerReader.inside(tlv).next());
    }, DerError);
  });

  test('every length is read as written', () => {
    for (const size of [0, 1, 127, 128, 255, 256, 65535, 65536]) {
      const tlv = readDer(encodeTlv(0xbf36, new Uint8Array(size)));
      assert.equal(tlv.contents.length, size);
    }
  });
});
