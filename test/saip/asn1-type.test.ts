// The ASN.1 types by X.690: accepted forms, and forms that DER forbids.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  integer,
  nullType,
  objectIdentifier,
  octetString,
  secret,
  utf8String,
} from '../../src/saip/asn1-primitive.ts';
import {
  choice,
  encodeContent,
  optional,
  sequence,
  sequenceOf,
  tagged,
  taggedSequence,
} from '../../src/saip/asn1-type.ts';
import type { Asn1Type } from '../../src/saip/asn1-type.ts';
import { SaipError } from '../../src/saip/saip-error.ts';
import type { SaipErrorCode } from '../../src/saip/saip-error.ts';

const hex = (text: string): Uint8Array => Uint8Array.fromHex(text);

function bothWays<T>(type: Asn1Type<T>, value: T, contentHex: string): void {
  assert.equal(encodeContent(type, value, 'x').toHex(), contentHex);
  assert.deepEqual(type.decode(hex(contentHex), 'x'), value);
}

function refused(code: SaipErrorCode, run: () => unknown): void {
  assert.throws(run, (error) => error instanceof SaipError && error.code === code);
}

void test('X.690 §8.3 INTEGER: shortest two complement form, inside its range', () => {
  const type = integer(0, 65535);
  bothWays(type, 0, '00');
  bothWays(type, 127, '7f');
  bothWays(type, 128, '0080');
  bothWays(type, 256, '0100');
  bothWays(type, 65535, '00ffff');
  refused('malformed', () => type.decode(hex('0001'), 'x'));
  refused('bad-size', () => type.decode(hex(''), 'x'));
  refused('bad-size', () => type.decode(hex('01000000000000'), 'x'));
  refused('bad-value', () => type.decode(hex('ff'), 'x'));
  refused('bad-value', () => type.decode(hex('010000'), 'x'));
  refused('bad-value', () => encodeContent(type, 65536, 'x'));
  refused('bad-value', () => encodeContent(type, 1.5, 'x'));
});

void test('X.690 §8.19 OBJECT IDENTIFIER: arcs in base 128, no leading 80, complete', () => {
  bothWays(objectIdentifier, '2.23.143.1.2.4', '67810f010204');
  bothWays(objectIdentifier, '1.2.840.113549', '2a864886f70d');
  bothWays(objectIdentifier, '2.999.3', '883703');
  refused('malformed', () => objectIdentifier.decode(hex('678001'), 'x'));
  refused('malformed', () => objectIdentifier.decode(hex('6781'), 'x'));
  refused('bad-size', () => objectIdentifier.decode(hex(''), 'x'));
  refused('bad-value', () => encodeContent(objectIdentifier, '2.x', 'x'));
  refused('malformed', () => objectIdentifier.decode(hex(`67${'ff'.repeat(9)}7f`), 'x'));
});

void test('X.690 §8.8 NULL has no content', () => {
  bothWays(nullType, true, '');
  refused('bad-size', () => nullType.decode(hex('00'), 'x'));
});

void test('OCTET STRING and UTF8String respect their size limits', () => {
  bothWays(octetString(2, 2), hex('0102'), '0102');
  refused('bad-size', () => octetString(2, 2).decode(hex('01'), 'x'));
  refused('bad-size', () => encodeContent(octetString(0, 1), hex('0102'), 'x'));
  bothWays(utf8String(1, 3), 'aü漢', '61c3bce6bca2');
  refused('bad-size', () => encodeContent(utf8String(1, 3), '', 'x'));
  refused('malformed', () => utf8String(1, 3).decode(hex('c3'), 'x'));
});

void test('SEQUENCE with AUTOMATIC TAGS: the position is the tag, optional fields may be missing', () => {
  const type = sequence({ a: integer(0, 9), b: optional(nullType), c: sequenceOf(integer(0, 9)) });
  bothWays(type, { a: 1, b: true, c: [2, 3] }, '8001018100a206020102020103');
  bothWays(type, { a: 1, c: [] }, '800101a200');
  refused('missing-element', () => type.decode(hex('800101'), 'x'));
  refused('missing-element', () => type.decode(hex('8100a200'), 'x'));
  refused('missing-element', () => type.decode(hex('8001018100 a0 00'.replaceAll(' ', '')), 'x'));
});

void test('SEQUENCE: duplicate fields, wrong order or another class are refused', () => {
  const type = sequence({ a: optional(nullType), b: optional(nullType) });
  refused('unexpected-element', () => type.decode(hex('80008000'), 'x'));
  refused('unexpected-element', () => type.decode(hex('81008000'), 'x'));
  refused('unexpected-element', () => type.decode(hex('0500'), 'x'));
});

void test('EXTENSIBILITY IMPLIED: later fields with higher tags are kept and written back', () => {
  const type = sequence({ a: optional(nullType) });
  bothWays(type, { a: true, '...': [hex('830107'), hex('9f2100')] }, '80008301079f2100');
  refused('unexpected-element', () => type.decode(hex('83010781 00'.replaceAll(' ', '')), 'x'));
});

void test('SEQUENCE with specified tags allows no others', () => {
  const type = taggedSequence({ a: tagged(0x4f, octetString()), b: optional(octetString()) });
  bothWays(type, { a: hex('01'), b: hex('02') }, '4f0101040102');
  refused('unexpected-element', () => type.decode(hex('4f0101830102'), 'x'));
});

void test('CHOICE: one known alternative; under a context tag the tag is explicit', () => {
  const type = choice({ a: nullType, b: octetString(1, 1) });
  bothWays(type, { choice: 'b', value: hex('07') }, '810107');
  bothWays(sequence({ x: type }), { x: { choice: 'a', value: true as const } }, 'a0028000');
  refused('unexpected-element', () => type.decode(hex('8200'), 'x'));
  refused('malformed', () => type.decode(hex('80008000'), 'x'));
  refused('malformed', () => type.decode(hex(''), 'x'));
});

void test('SEQUENCE OF respects its limits', () => {
  const type = sequenceOf(integer(0, 9), 1, 2);
  refused('bad-size', () => type.decode(hex(''), 'x'));
  refused('bad-size', () => type.decode(hex('020101020101020101'), 'x'));
  refused('unexpected-element', () => type.decode(hex('0500'), 'x'));
});

void test('errors name the path, and never the bytes of a secret', () => {
  const type = sequence({ key: secret(octetString(4, 4)) });
  assert.throws(
    () => type.decode(hex('8003abcdef'), 'akaParameter'),
    (error) =>
      error instanceof SaipError &&
      error.where === 'akaParameter/key' &&
      !/abcdef/i.test(error.message),
  );
  assert.equal(type.describe({ key: hex('abcdef01') }, ''), '{\n  key <4 secret bytes>\n}');
});
