// The simulation: the same seed gives the same run, it finds what is broken, and some of its seeds pass.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { simulate } from '../../torture/simulation/simulate.ts';
import type { Run } from '../../torture/simulation/simulate.ts';
import { simulateAll } from '../../torture/simulation/seeds.ts';
import { BROKEN } from './broken-products.ts';

/** About ten seconds of one core. The rest by command: torture/simulation/main.ts. */
const SEEDS = { first: 1, last: 25 };
/** How many seeds may pass before a broken product is found. */
const FEW = 40;

test('the same seed gives the same run, statement by statement, in any process', async () => {
  const seed = 2;
  const [first, second] = [
    await simulate(seed, { isDetailed: true }),
    await simulate(seed, { isDetailed: true }),
  ];
  assert.ok(first.trace.lines.length > 100, 'something happens');
  assert.deepEqual(second.trace.lines, first.trace.lines);
});

test('every seed ends with all journeys at their ends and nothing violated', async () => {
  const { failed, runs, journeys } = await simulateAll(SEEDS, 1);
  assert.deepEqual(failed, []);
  assert.equal(runs, SEEDS.last - SEEDS.first + 1);
  assert.ok(journeys > runs, 'most seeds have several journeys');
});

describe('a product that is broken is found within a few seeds:', () => {
  for (const [name, { product, journeys, shows }] of Object.entries(BROKEN)) {
    test(name, async (context) => {
      let found: Run | undefined;
      for (let seed = 1; seed <= FEW && found === undefined; seed++) {
        const run = await simulate(seed, { product, journeys });
        if (run.violations.length > 0) found = run;
      }
      assert.ok(found, `not within ${FEW} seeds`);
      context.diagnostic(`seed ${found.seed}: ${found.violations[0]}`);
      assert.match(found.violations.join('\n'), shows);
    });
  }
});
