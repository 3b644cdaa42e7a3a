import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { FirstLines } from '../../../src/smdp/stock/first-lines.ts';

test('a repeated number is found with its first line; others are not found', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 50n }), { maxLength: 100 }), (numbers) => {
      const lines = new FirstLines();
      const expected = new Map<bigint, number>();
      for (const [index, number] of numbers.entries()) {
        assert.equal(lines.add(number, index + 1), expected.get(number));
        if (!expected.has(number)) expected.set(number, index + 1);
      }
    }),
  );
});

test('also among many, of up to 64 bits', () => {
  const lines = new FirstLines();
  const numbers = Array.from({ length: 5000 }, (_, index) => 2n ** 64n - 1n - BigInt(index) ** 2n);
  for (const [index, number] of numbers.entries()) {
    assert.equal(lines.add(number, index + 1), undefined);
  }
  for (const [index, number] of numbers.entries()) assert.equal(lines.add(number, 1), index + 1);
});
