import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { hashCc, hashConfirmationCode, isHashCc } from '../../src/rsp/hash-cc.ts';
import { hex, toHex } from './vectors.ts';

const transactionId = hex('0123456789abcdef');

test('§4.7 hashCc is SHA-256(SHA-256(code) ‖ TransactionID)', () => {
  const inner = createHash('sha256').update('1234').digest('hex');
  const expected = createHash('sha256').update(Buffer.from(`${inner}0123456789abcdef`, 'hex'));
  assert.equal(toHex(hashCc(hashConfirmationCode('1234'), transactionId)), expected.digest('hex'));
});

test('§5.6.2 another code, another TransactionID or another size does not match', () => {
  const code = hashConfirmationCode('1234');
  const received = hashCc(code, transactionId);
  assert.ok(isHashCc(received, code, transactionId));
  assert.ok(!isHashCc(received, hashConfirmationCode('1235'), transactionId));
  assert.ok(!isHashCc(received, code, hex('01')));
  assert.ok(!isHashCc(received.subarray(1), code, transactionId));
});
