// How many there are of each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tally } from '../../src/process/tally.ts';

test('counts each key by itself, and again after there were none', () => {
  const tally = new Tally();
  for (const key of ['a', 'a', 'b']) tally.add(key);
  tally.remove('a');
  tally.remove('b');
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => tally.of(key)),
    [1, 0, 0],
  );
  tally.add('b');
  assert.equal(tally.of('b'), 1);
});

test('of many keys, those of which there are none are forgotten, and the others counted on', () => {
  const tally = new Tally();
  for (let n = 0; n < 5_000; n++) {
    tally.add(`key ${n}`);
    if (n % 2 === 0) tally.remove(`key ${n}`);
  }
  for (let n = 0; n < 5_000; n++) assert.equal(tally.of(`key ${n}`), n % 2);
});
