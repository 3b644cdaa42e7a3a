// Metadata of an eSIM Profile, as the console's forms have it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asJson, changeAsJson, linesOf, problemOfLines } from '../../src/console/app/metadata.ts';

const line = (key: string, value: string) => ({ key, value });

test('lines without a key or a value count for nothing in a new order', () => {
  assert.equal(asJson([]), undefined);
  assert.equal(asJson([line('site', ' '), line('', '')]), undefined);
  assert.equal(asJson([line(' site ', ' Berlin '), line('', '')]), '{"site":"Berlin"}');
});

test('an edit sends only what has changed, and null for what is gone', () => {
  const before = { order: '4711', site: 'Berlin', old: 'x' };
  assert.deepEqual(linesOf(before), [
    line('order', '4711'),
    line('site', 'Berlin'),
    line('old', 'x'),
  ]);
  assert.equal(changeAsJson(before, linesOf(before)), undefined);
  const edited = [line('order', '4711'), line('site', 'Bonn'), line('truck', '17')];
  const change = JSON.parse(changeAsJson(before, edited)!);
  assert.deepEqual(change, { site: 'Bonn', truck: '17', old: null });
  assert.equal(changeAsJson({ site: 'Bonn' }, [line('site', '')]), '{"site":null}');
  assert.equal(changeAsJson(undefined, []), undefined);
});

test('a key twice, and a value without a key, are errors', () => {
  assert.equal(problemOfLines([line('a', '1'), line('b', '2'), line('', '')]), undefined);
  assert.equal(problemOfLines([line('a', '1'), line('a ', '2')]), 'The key a is there twice.');
  assert.equal(problemOfLines([line('', ' 2 ')]), 'The value 2 needs a key.');
});
