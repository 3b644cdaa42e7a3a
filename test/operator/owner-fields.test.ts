// Friendly names and metadata of eSIM Profiles: what they may be, and what a change makes of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  changeMetadata,
  cleanFriendlyName,
  differingKeys,
  keptMetadata,
  ownerFilter,
  parseMetadata,
  problemOfFriendlyName,
  problemOfMetadata,
} from '../../src/operator/owner-fields.ts';
import { ignoringCase } from '../../src/values/ignoring-case.ts';

describe('metadata', () => {
  test('a change sets the keys that it names, and removes those without a value', () => {
    const before = { site: 'Berlin', order: '4711' };
    assert.deepEqual(changeMetadata(before, { site: 'Hamburg', lot: '7' }), {
      lot: '7',
      order: '4711',
      site: 'Hamburg',
    });
    assert.deepEqual(changeMetadata(before, { site: '', order: null }), {});
    assert.deepEqual(changeMetadata(before, {}), before);
    assert.deepEqual(changeMetadata(before, null), {});
  });

  test('is kept in the order of its keys, so the same is written in one way', () => {
    const one = changeMetadata({}, { b: '2', a: '1' });
    assert.equal(keptMetadata(one), '{"a":"1","b":"2"}');
    assert.equal(keptMetadata(changeMetadata({}, { a: '1', b: '2' })), keptMetadata(one));
    assert.equal(keptMetadata({}), null);
    assert.deepEqual(parseMetadata(keptMetadata(one)), one);
    assert.deepEqual(parseMetadata(null), {});
  });

  test('a key may be the name of something that every object has', () => {
    const metadata = changeMetadata({}, { constructor: 'a', toString: 'b' });
    assert.deepEqual(parseMetadata(keptMetadata(metadata)), metadata);
    assert.deepEqual(differingKeys({}, metadata), ['constructor', 'toString']);
    assert.deepEqual(differingKeys(metadata, metadata), []);
  });

  test('has limits: of keys, values, and all together', () => {
    const keys = (count: number, value = 'v') =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, value]));
    for (const accepted of [
      keys(50),
      { ['k'.repeat(40)]: '漢'.repeat(500) },
      { 'A1_.:/@-': '\n' },
      { k: '👋'.repeat(500) },
    ]) {
      assert.equal(problemOfMetadata(accepted), undefined);
    }
    const form = '1 to 40 letters of A to Z, digits and _ . : / @ -, a letter or digit first';
    for (const [refused, problem] of [
      [keys(51), 'expected at most 50 keys; got 51'],
      [{ k: 'v'.repeat(501) }, 'expected values of at most 500 characters; that of k has 501'],
      [{ k: 'a\0b' }, 'the value of k contains a NUL character'],
      [
        keys(50, 'v'.repeat(40)),
        'expected at most 2048 bytes of JSON with all keys and values; got 2441',
      ],
      [{ '': 'v' }, `expected keys of ${form}; got ''`],
      [{ _k: 'v' }, `expected keys of ${form}; got '_k'`],
      [{ 'a[b]': 'v' }, `expected keys of ${form}; got 'a[b]'`],
      [{ 'a b': 'v' }, `expected keys of ${form}; got 'a b'`],
      [{ ['k'.repeat(41)]: 'v' }, `expected keys of ${form}; got '${'k'.repeat(41)}'`],
    ] as const) {
      assert.equal(problemOfMetadata(refused), problem);
    }
  });
});

describe('a friendly name', () => {
  test('is kept composed and without blanks around it; blank, there is none', () => {
    assert.equal(cleanFriendlyName(' \u00A0Tru\u0308ck  17\t'), 'Trück  17');
    for (const empty of ['', ' \t', null]) assert.equal(cleanFriendlyName(empty), null);
  });

  test('has at most 128 characters, none of them a control character', () => {
    assert.equal(problemOfFriendlyName('👋'.repeat(128)), undefined);
    assert.equal(
      problemOfFriendlyName('x'.repeat(129)),
      'expected at most 128 characters; got 129',
    );
    assert.equal(problemOfFriendlyName('two\nlines'), 'expected no control characters');
  });

  test('ignoring case, a beginning stays one: of ß, final sigma, and accents', () => {
    for (const [name, beginning] of [
      ['Straße 5', 'STRASSE'],
      ['ΟΔΟΣΑ', 'οδος'],
      ['Äther', 'a\u0308'],
      ['ǰ', 'J\u030C'],
    ] as const) {
      assert.ok(ignoringCase(name).startsWith(ignoringCase(beginning)), name);
    }
    assert.ok(!ignoringCase('Äther').startsWith(ignoringCase('A')));
  });

  test('is looked for as it is kept', () => {
    assert.deepEqual(ownerFilter({ friendlyName: ' Truck ', friendlyNamePrefix: ' tr ' }), {
      columns: { friendly_name: 'Truck', friendly_name_folded: 'TRUCK' },
      conditions: { namePrefix: 'TR ', metadata: {} },
    });
    assert.deepEqual(ownerFilter({ friendlyName: ' ', metadata: { a: '' } }), {
      columns: { friendly_name: undefined, friendly_name_folded: undefined },
      conditions: { namePrefix: undefined, metadata: {} },
    });
  });
});
