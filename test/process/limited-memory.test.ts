// The cache that is limited in number and size.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LimitedMemory } from '../../src/process/limited-memory.ts';

test('beyond the number, the least recently used value is dropped', () => {
  const memory = new LimitedMemory<string>(2, 100);
  memory.set('a', 'A', 1);
  memory.set('b', 'B', 1);
  assert.equal(memory.get('a'), 'A');
  memory.set('c', 'C', 1);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => memory.get(key)),
    ['A', undefined, 'C'],
  );
  assert.equal(memory.count, 2);
});

test('beyond the size, as many as necessary are dropped; what is too large alone is not kept', () => {
  const memory = new LimitedMemory<string>(10, 100);
  for (const key of ['a', 'b', 'c']) memory.set(key, key, 30);
  memory.set('d', 'd', 60);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => memory.get(key)),
    [undefined, undefined, 'c', 'd'],
  );
  assert.equal(memory.size, 90);
  memory.set('e', 'e', 101);
  assert.equal(memory.get('e'), undefined);
  assert.equal(memory.size, 0);
});

test('a value that is replaced or deleted no longer counts', () => {
  const memory = new LimitedMemory<string>(10, 100);
  memory.set('a', 'A', 60);
  memory.set('a', 'B', 50);
  assert.equal(memory.size, 50);
  memory.delete('a');
  memory.delete('a');
  assert.equal(memory.size, 0);
  memory.set('b', 'B', 100);
  memory.clear();
  assert.deepEqual([memory.count, memory.size], [0, 0]);
});

test('what was used last stays so when it is used again, replaced, or deleted and set again', () => {
  const memory = new LimitedMemory<string>(2, 100);
  const setAll = (...keys: string[]) => {
    for (const key of keys) memory.set(key, key, 1);
  };
  setAll('a', 'b', 'b');
  memory.get('b');
  setAll('c');
  assert.deepEqual([memory.get('a'), memory.get('c'), memory.get('b')], [undefined, 'c', 'b']);
  memory.delete('b');
  setAll('b');
  memory.get('c');
  setAll('d');
  assert.deepEqual([memory.get('b'), memory.size], [undefined, 2]);
});
