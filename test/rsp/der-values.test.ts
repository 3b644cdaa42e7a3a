import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { DerError } from '../../src/rsp/der-error.ts';
import {
  encodeBitsContents,
  encodeIntegerContents,
  encodeOidContents,
  encodeUnsignedContents,
  isOid,
  readBitString,
  readBits,
  readBoolean,
  readInteger,
  readNull,
  readOid,
  readTime,
  readUtf8String,
} from '../../src/rsp/der-values.ts';
import { encodeTlv, readDer, type Tlv } from '../../src/rsp/der.ts';
import { hex, toHex } from './vectors.ts';

const contents = (bytes: Uint8Array): Tlv => readDer(encodeTlv(0x80, bytes));
const tlv = (text: string): Tlv => readDer(hex(text));

const time = (tag: number, text: string): string =>
  readTime(readDer(encodeTlv(tag, Buffer.from(text)))).toISOString();

describe('DER values (X.690)', () => {
  test('X.690 §8.3 every integer is read as written', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        assert.equal(readInteger(contents(encodeIntegerContents(value))), value);
      }),
      { seed: 1 },
    );
    for (const [value, bytes] of [
      [0, '00'],
      [127, '7f'],
      [128, '0080'],
      [256, '0100'],
      [-1, 'ff'],
      [-128, '80'],
      [-129, 'ff7f'],
    ] as const) {
      assert.equal(toHex(encodeIntegerContents(value)), bytes);
    }
  });

  test('X.690 §8.3.2 an empty, non-minimal or too large INTEGER is refused', () => {
    for (const bytes of ['', '0001', 'ff80', '20000000000000', '0100000000000000']) {
      assert.throws(() => readInteger(contents(hex(bytes))), DerError);
    }
  });

  test('X.690 §8.3 unsigned bytes become a positive INTEGER', () => {
    assert.equal(toHex(encodeUnsignedContents(hex('00000080'))), '0080');
    assert.equal(toHex(encodeUnsignedContents(hex('7f'))), '7f');
    assert.equal(toHex(encodeUnsignedContents(hex('0000'))), '00');
  });

  test('X.690 §11.1 a BOOLEAN is 00 or FF', () => {
    assert.equal(readBoolean(tlv('0101ff')), true);
    assert.equal(readBoolean(tlv('010100')), false);
    for (const bytes of ['010101', '0100', '0102ffff']) {
      assert.throws(() => readBoolean(tlv(bytes)), DerError);
    }
  });

  test('X.690 §8.8 a NULL is empty', () => {
    assert.equal(readNull(tlv('0500')), null);
    assert.throws(() => readNull(tlv('050100')), DerError);
  });

  test('X.690 §8.19 object identifiers, with arcs of any size', () => {
    for (const [oid, bytes] of [
      ['2.23.146.1.2.1.4', '67811201020104'],
      ['2.999.10', '88370a'],
      ['1.2.840.10045.2.1', '2a8648ce3d0201'],
      ['0.39', '27'],
      ['2.25.340282366920938463463374607431768211455', '6983ffffffffffffffffffffffffffffffffff7f'],
    ] as const) {
      assert.equal(toHex(encodeOidContents(oid)), bytes);
      assert.equal(readOid(contents(hex(bytes))), oid);
    }
  });

  test('X.690 §8.19.2 a non-minimal or incomplete arc is refused', () => {
    for (const bytes of ['', '808837', '8837800a', '8837 8a']) {
      assert.throws(() => readOid(contents(hex(bytes))), DerError);
    }
  });

  test('text that is not an object identifier is recognised', () => {
    for (const text of ['2.999.10', '1.39', '0.0.1']) assert.ok(isOid(text), text);
    for (const text of [
      '',
      '2',
      '3.1',
      '1.40',
      '2.999.',
      '2.01',
      '1.2.a',
      `2.${'9.'.repeat(99)}9`,
    ]) {
      assert.ok(!isOid(text), text);
    }
    assert.throws(() => encodeOidContents('3.1'), RangeError);
  });

  test('X.690 §8.6 bits are read by their number, trailing zeros or not', () => {
    for (const bytes of ['0780', '0080', '00800000']) {
      assert.deepEqual(readBits(contents(hex(bytes))), [0]);
    }
    assert.deepEqual(readBits(contents(hex('00'))), []);
  });

  test('X.690 §11.2.2 bits are written without trailing zeros', () => {
    assert.equal(toHex(encodeBitsContents([0])), '0780');
    assert.equal(toHex(encodeBitsContents([1, 3])), '0450');
    assert.equal(toHex(encodeBitsContents([8])), '070080');
    assert.equal(toHex(encodeBitsContents([])), '00');
  });

  test('X.690 §8.6.2, §11.2.1 a BIT STRING with wrong unused bits is refused', () => {
    for (const bytes of ['', '0880', '01', '0781']) {
      assert.throws(() => readBitString(contents(hex(bytes))), DerError);
    }
  });

  test('values that would cause much work are refused', () => {
    assert.throws(() => readOid(contents(new Uint8Array(129).fill(1))), /129 bytes/);
    assert.throws(() => readBits(contents(new Uint8Array(34))), /33 bytes/);
    assert.equal(readBitString(contents(new Uint8Array(66))).bytes.length, 65);
  });

  test('a UTF8String that is not UTF-8 is refused', () => {
    assert.equal(readUtf8String(contents(hex('c3a9'))), 'é');
    assert.throws(() => readUtf8String(contents(hex('c3'))), DerError);
    assert.throws(() => readUtf8String(contents(hex('eda080'))), DerError);
  });

  test('RFC 5280 §4.1.2.5 times', () => {
    assert.equal(time(0x17, '200401082751Z'), '2020-04-01T08:27:51.000Z');
    assert.equal(time(0x17, '991231235959Z'), '1999-12-31T23:59:59.000Z');
    assert.equal(time(0x18, '74960124094858Z'), '7496-01-24T09:48:58.000Z');
    for (const [tag, text] of [
      [0x17, '2004010827Z'],
      [0x17, '200431082751Z'],
      [0x17, '230229082751Z'],
      [0x17, '200401082751+0100'],
      [0x18, '20200401082751.5Z'],
      [0x18, '20200401082760Z'],
      [0x13, '200401082751Z'],
    ] as const) {
      assert.throws(() => time(tag, text), DerError, text);
    }
  });
});
