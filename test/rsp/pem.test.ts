import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificatePem } from '../../src/rsp/pem.ts';

test('RFC 7468 §2 lines of 64 characters, and no empty one, whatever the length', () => {
  for (const length of [1, 47, 48, 49, 96]) {
    const [first, ...lines] = certificatePem({ der: new Uint8Array(length) })
      .trimEnd()
      .split('\n');
    assert.equal(first, '-----BEGIN CERTIFICATE-----');
    assert.equal(lines.pop(), '-----END CERTIFICATE-----');
    assert.deepEqual(Buffer.from(lines.join(''), 'base64'), Buffer.alloc(length));
    assert.ok(lines.every((line) => line.length > 0 && line.length <= 64));
    assert.ok(lines.slice(0, -1).every((line) => line.length === 64));
  }
});
