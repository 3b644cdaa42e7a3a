// The cache for a short time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShortMemory } from '../../src/process/short-memory.ts';

test('a value is dropped after its lifetime, and at the latest after twice that', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const { timers } = context.mock;
  const memory = new ShortMemory<number>(1_000, 9, () => Date.now());
  memory.set('early', 1);
  timers.tick(600);
  memory.set('late', 2);
  timers.tick(400);
  assert.equal(memory.get('early'), undefined);
  assert.equal(memory.get('late'), 2);
  timers.tick(1_000);
  assert.equal(memory.get('late'), undefined);
  memory.set('again', 3);
  timers.tick(999);
  assert.equal(memory.get('again'), 3);
  timers.tick(1);
  assert.equal(memory.get('again'), undefined);
});

test('of too many values the oldest is dropped; setting one again renews it', () => {
  const memory = new ShortMemory<number>(1_000, 2);
  memory.set('one', 1);
  memory.set('two', 2);
  memory.set('one', 10);
  memory.set('three', 3);
  memory.delete('three');
  const kept = ['one', 'two', 'three'].map((key) => memory.get(key));
  assert.deepEqual(kept, [10, undefined, undefined]);
});
