// What a process does in each turn of its loop, and in which order.
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kind } from '../../src/process/turns.ts';
import { Turns } from '../../src/process/turns.ts';

describe('turns of the loop', () => {
  let now: number;
  let turns: Turns;
  let done: string[];
  beforeEach(() => {
    now = 0;
    done = [];
    turns = new Turns(() => now);
  });

  /** Work that takes so many milliseconds. */
  const add = (kind: Kind, name: string = kind, ms = 1) =>
    turns.run(kind, () => {
      now += ms;
      done.push(name);
    });

  test('with little to do, work is done at once', async () => {
    for (const name of ['a', 'b', 'c']) add('begins', name, 0.25);
    await turns.next('handshake');
    assert.deepEqual(done, ['a', 'b', 'c']);
    assert.equal(turns.waits('begins'), 0);
  });

  test('with more, it is left to the next turn, in which what has arrived is seen first', async () => {
    add('goes on', 'a', 0.5);
    add('goes on', 'b', 0.5);
    setImmediate(() => done.push('an arrival'));
    for (const name of ['c', 'd', 'e', 'f']) add('goes on', name, 0.5);
    assert.deepEqual(done, ['a', 'b']);
    setImmediate(() => done.push('another'));
    await nextTurn();
    assert.deepEqual(done, ['a', 'b', 'c', 'd', 'an arrival', 'another']);
    await nextTurn();
    assert.deepEqual(done.slice(6), ['e', 'f']);
    await nextTurn();
    assert.equal(done.length, 8);
  });

  test('work is what follows from it at once: its microtasks are over before the next', async () => {
    add('goes on', 'first');
    async function call(name: string): Promise<void> {
      await turns.next('goes on');
      done.push(`${name} begins`);
      await Promise.resolve();
      now += 0.25;
      done.push(`${name} ends`);
    }
    await Promise.all([call('a'), call('b')]);
    assert.deepEqual(done, ['first', 'a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('what goes on is first; then four handshakes for each call that begins', async () => {
    add('goes on', 'first');
    for (let one = 0; one < 2; one++) add('begins');
    for (let one = 0; one < 10; one++) add('handshake', 'h');
    add('goes on');
    for (let turn = 0; turn < 14; turn++) await nextTurn();
    const expected = 'first, goes on, h, h, h, h, begins, h, h, h, h, begins, h, h';
    assert.equal(done.join(), expected.replaceAll(', ', ','));
  });

  test('what is no longer wanted is not done, and does not count as waiting', async () => {
    add('goes on', 'first');
    const forget = [add('handshake', 'a'), add('handshake', 'b')];
    now += 5;
    add('handshake', 'c');
    now += 2;
    assert.equal(turns.waits('handshake'), 7);
    for (const one of forget) one();
    assert.equal(turns.waits('handshake'), 2);
    await nextTurn();
    assert.deepEqual(done, ['first', 'c']);
    assert.equal(turns.waits('handshake'), 0);
  });
});
