// docs/conformance.md is up to date with the test titles, and covers everything that the code claims.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { OPERATIONS } from '../../src/api/operations.ts';
import { citationsOf, codesOf, compareClauses, OWN } from '../conformance/citations.ts';
import {
  coverageOf,
  filesOfClause,
  namedClauses,
  renderPage,
  testsOfOperation,
  testsOfPair,
} from '../conformance/page.ts';
import { CLAUSES } from '../conformance/sgp22.ts';
import { thrownPairs } from '../conformance/source.ts';
import { titlesIn } from '../conformance/titles.ts';

/** Clauses named by the code but by no test: each needs a test, and none may be added without a reason. */
const WITHOUT_TESTS: string[] = [];

describe('docs/conformance.md', () => {
  test('is up to date with the test titles', () => {
    const written = readFileSync(join(import.meta.dirname, '../../docs/conformance.md'), 'utf8');
    assert.ok(written === renderPage(), 'the titles have changed: npm run docs:clauses');
  });

  test('has every clause of SGP.22 that the code or a title names', () => {
    const known = new Set(CLAUSES.map(({ clause }) => clause));
    assert.deepEqual(
      namedClauses(OWN).filter((number) => !known.has(number)),
      [],
      'test/conformance/sgp22.ts lacks these, or they are of another standard',
    );
    const numbers = CLAUSES.map(({ clause }) => clause);
    assert.deepEqual(numbers, numbers.toSorted(compareClauses));
  });

  test('calls implemented only what the code names or a test covers', () => {
    const wrong = CLAUSES.filter((one) => {
      const isThere = filesOfClause(OWN, one.clause).length > 0 || coverageOf(one) !== 'none';
      return isThere !== (one.missing === undefined);
    });
    assert.deepEqual(wrong, []);
  });

  test('every implemented clause has a test whose title names it', () => {
    const without = CLAUSES.filter(
      (one) => one.missing === undefined && coverageOf(one) === 'none',
    );
    assert.deepEqual(
      without.map(({ clause }) => clause),
      WITHOUT_TESTS,
    );
  });

  test('every pair of codes that the SM-DP+ throws has a test whose title names it', () => {
    const pairs = [...thrownPairs().keys()];
    assert.ok(pairs.length > 30, `${pairs.length} pairs`);
    assert.deepEqual(
      pairs.filter((pair) => testsOfPair(pair).length === 0),
      [],
    );
  });

  test('every operation of the API has a test whose title names it', () => {
    const ids = OPERATIONS.map(({ operationId }) => operationId);
    assert.deepEqual(
      ids.filter((id) => testsOfOperation(id).length === 0),
      [],
    );
  });
});

describe('the sources of the page', () => {
  test('citations: the standard applies to a whole enumeration, and ranges are expanded', () => {
    const words = (text: string) =>
      citationsOf(text).map(({ standard, clause }) => `${standard} §${clause}`);
    assert.deepEqual(words('§5.6.2, RFC 5280 §4.2.1.9, §7.1 (§4.7)'), [
      'SGP.22 §5.6.2',
      'RFC 5280 §4.2.1.9',
      'RFC 5280 §7.1',
      'SGP.22 §4.7',
    ]);
    assert.deepEqual(words('§5.7.9 to §5.7.11'), [
      'SGP.22 §5.7.9',
      'SGP.22 §5.7.10',
      'SGP.22 §5.7.11',
    ]);
    assert.deepEqual(words('§4.5.2.1.0.3 to .5'), [
      'SGP.22 §4.5.2.1.0.3',
      'SGP.22 §4.5.2.1.0.4',
      'SGP.22 §4.5.2.1.0.5',
    ]);
    assert.deepEqual(words('TS 102 221 §9.5 and TS 31.102 §4.2.2'), [
      'TS 102 221 §9.5',
      'TS 31.102 §4.2.2',
    ]);
  });

  test('codes are not confused with addresses, dates and fractions', () => {
    assert.deepEqual(codesOf('→ 8.2.7 / 3.8, 8.1/6.1, 400/20001, 10.0.0.0/8, 2026/1.5, 1.2/4.44'), [
      '8.2.7/3.8',
      '8.1/6.1',
      '1.2/4.44',
    ]);
  });

  test('titles include those of the blocks around them, and the table of a loop', () => {
    const text = [
      "describe('§1', () => {",
      "  for (const code of ['1.1 / 1.1']) {",
      '    test(`${code}`, () => {});',
      '  }',
      '  const cases = [',
      "    ['a', '8.1 / 6.1'],",
      '  ];',
      '  for (const [title, code] of cases) {',
      '    test(`it is ${title} → ${code}`, () => {});',
      '  }',
      "  describe('inner', () => {",
      '    test(',
      "      'on two lines',",
      '      () => {},',
      '    );',
      '  });',
      "  test('it\\'s last', () => {});",
      '});',
      "void test('alone', () => {});",
    ].join('\n');
    const found = titlesIn(text);
    assert.deepEqual(
      found.map(({ titles }) => titles),
      [
        ['§1', '…'],
        ['§1', 'it is … → …'],
        ['§1', 'inner', 'on two lines'],
        ['§1', "it's last"],
        ['alone'],
      ],
    );
    assert.deepEqual(
      found.map(({ table }) => codesOf(table)),
      [['1.1/1.1'], ['8.1/6.1'], [], [], []],
    );
  });
});
