// The simulation: the same seed gives the same run, it finds what is broken, and some of its seeds pass.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Random } from '../../torture/random.ts';
import type { Disk } from '../../torture/simulation/machine/disk.ts';
import { Machine } from '../../torture/simulation/machine/machine.ts';
import type { Network } from '../../torture/simulation/machine/network.ts';
import { Trace } from '../../torture/simulation/machine/trace.ts';
import { simulate } from '../../torture/simulation/simulate.ts';
import type { Run } from '../../torture/simulation/simulate.ts';
import { simulateAll } from '../../torture/simulation/seeds.ts';
import { BROKEN } from './broken-products.ts';

const MAIN = fileURLToPath(new URL('../../torture/main.ts', import.meta.url));
/** A few seconds of one core. The rest by command: `npm run torture -- simulation`. */
const SEEDS = { first: 1, last: 6 };
/** How many seeds may pass before a broken product is found. */
const FEW = 40;

/** With several deaths of the server. */
const EVENTFUL = 5;

test('the same seed gives the same run, statement by statement', async () => {
  const [first, second] = [
    await simulate(EVENTFUL, { isDetailed: true }),
    await simulate(EVENTFUL, { isDetailed: true }),
  ];
  assert.ok(first.starts > 1 && first.trace.lines.length > 100, 'something happens');
  assert.deepEqual(second.trace.lines, first.trace.lines);
});

test('a seed is repeated with its trace by the command, in another process', async () => {
  const { trace } = await simulate(EVENTFUL);
  const command = [MAIN, 'simulation', '--seed', String(EVENTFUL), '--trace'];
  const { stdout } = await promisify(execFile)(process.execPath, command);
  const printed = stdout.split('\n');
  assert.deepEqual(printed.slice(0, trace.lines.length), trace.lines);
  assert.match(
    printed.slice(trace.lines.length).join('\n'),
    /^\nseed \d+: .*nothing is violated\n$/,
  );
});

test('every seed ends with all journeys at their ends and nothing violated', async () => {
  const { failed, runs, journeys } = await simulateAll(SEEDS, 1);
  assert.deepEqual(failed, []);
  assert.equal(runs, SEEDS.last - SEEDS.first + 1);
  assert.ok(journeys > runs, 'most seeds have several journeys');
});

test('the steady clock does not go back, however sleep and pauses overlap', async () => {
  const machine = new Machine(0, new Trace(), {} as Disk, {} as Network);
  const server = machine.program('server', new Random(1));
  const trouble = machine.program('trouble', new Random(1));
  trouble.after(100, () => machine.sleep(server, 2_000));
  trouble.after(200, () => server.freeze(machine.elapsed + 50));
  trouble.after(300, () => machine.sleep(server, 2_000));
  const seen: [elapsed: number, steady: number][] = [];
  const tick = (): void => {
    seen.push([machine.elapsed, machine.steady()]);
    server.after(500, tick);
  };
  server.after(0, tick);
  await machine.run(() => machine.elapsed >= 2_800);
  assert.deepEqual(seen, [
    [0, 0],
    [2_300, 100],
    [2_800, 600],
  ]);
});

describe('a product that is broken is found within a few seeds:', () => {
  for (const [name, { product, journeys, from, shows }] of Object.entries(BROKEN)) {
    test(name, async (context) => {
      let found: Run | undefined;
      for (let seed = from; seed < from + FEW && found === undefined; seed++) {
        const run = await simulate(seed, { product, journeys });
        if (run.violations.length > 0) found = run;
      }
      assert.ok(found, `not within ${FEW} seeds from ${from}`);
      context.diagnostic(`seed ${found.seed}: ${found.violations[0]}`);
      assert.match(found.violations.join('\n'), shows);
    });
  }
});
