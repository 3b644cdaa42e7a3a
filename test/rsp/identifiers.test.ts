import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  completeEid,
  decodeEid,
  decodeIccid,
  decodeImei,
  decodeMccMnc,
  encodeEid,
  encodeIccid,
  encodeImei,
  encodeMccMnc,
  formatTransactionId,
  isEid,
  luhnDigit,
  isMatchingId,
  parseTransactionId,
} from '../../src/rsp/identifiers.ts';
import { hex, readVectors, toHex } from './vectors.ts';

const vectors = readVectors('identifiers') as {
  eids: { accept: string[]; reject: string[] };
  iccids: { iccid: string; efHex: string }[];
  mccMncs: { mcc: string; mnc: string; hex: string }[];
};

describe('identifiers', () => {
  test('SGP.29 an EID has 32 digits that make 1 modulo 97', () => {
    for (const eid of vectors.eids.accept) {
      assert.ok(isEid(eid), eid);
      assert.equal(completeEid(eid.slice(0, 30)), eid);
      assert.equal(decodeEid(encodeEid(eid)), eid);
    }
    for (const eid of vectors.eids.reject) assert.ok(!isEid(eid), eid);
    assert.throws(() => completeEid('89'), RangeError);
    assert.throws(() => encodeEid('89'), RangeError);
  });

  test('§4.3.1 the bytes of an EID are its digits in order', () => {
    assert.equal(
      toHex(encodeEid('89049032123451234512345678901235')),
      '89049032123451234512345678901235',
    );
  });

  test('ISO/IEC 7812-1 an ICCID ends with its Luhn digit', () => {
    for (const { iccid } of vectors.iccids) {
      assert.equal(luhnDigit(iccid.slice(0, -1)), iccid.at(-1), iccid);
    }
  });

  test('TS 102 221 §13.2 EF.ICCID has the digits of each pair swapped', () => {
    for (const { iccid, efHex } of vectors.iccids) {
      assert.equal(toHex(encodeIccid(iccid)), efHex);
      assert.equal(decodeIccid(hex(efHex)), iccid);
    }
    assert.equal(decodeIccid(hex('98001032547698103f1a')), undefined);
    assert.equal(decodeIccid(hex('9800103254769810321a')), '890001234567890123A1');
    assert.equal(decodeIccid(hex('9800')), undefined);
    assert.throws(() => encodeIccid('12a'), RangeError);
  });

  test('TS 24.008 §10.5.1.3 MCC and MNC', () => {
    for (const { mcc, mnc, hex: bytes } of vectors.mccMncs) {
      assert.equal(toHex(encodeMccMnc(mcc, mnc)), bytes);
      assert.deepEqual(decodeMccMnc(hex(bytes)), { mcc, mnc });
    }
    assert.throws(() => encodeMccMnc('1', '01'), RangeError);
    assert.throws(() => encodeMccMnc('001', '1'), RangeError);
  });

  test('§4.2 TAC and IMEI have the digits of each pair swapped', () => {
    assert.equal(toHex(encodeImei('35290611')), '53926011');
    assert.equal(decodeImei(hex('53926011')), '35290611');
    assert.equal(decodeImei(encodeImei('352906111234561')), '352906111234561');
    assert.throws(() => encodeImei('35'), RangeError);
  });

  test('§4.1.1 a matching ID has capitals, digits and dashes, or nothing', () => {
    for (const text of ['', 'QR-G-5C-1LS-1W1Z9P7', '0', 'A'.repeat(255)]) {
      assert.ok(isMatchingId(text), text);
    }
    for (const text of ['abc', 'A B', 'A$B', 'Ä', '../A', 'A\n', 'A'.repeat(256)]) {
      assert.ok(!isMatchingId(text), text);
    }
  });

  test('§6.5.2 a TransactionID is hexadecimal in either case', () => {
    assert.deepEqual(parseTransactionId('aB01'), hex('ab01'));
    assert.equal(formatTransactionId(hex('ab01')), 'AB01');
    for (const text of ['', 'A', 'XY', '00'.repeat(17), 'AB01\n', ' AB01']) {
      assert.equal(parseTransactionId(text), undefined, text);
    }
  });
});
