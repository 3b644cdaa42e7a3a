// The storm and the power cuts: small ones find nothing in the product, and something in a product that is broken.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { withoutPostgres } from '../databases.ts';
import { download } from '../../torture/journeys/download.ts';
import { stockImport } from '../../torture/journeys/import.ts';
import { order } from '../../torture/journeys/order.ts';
import { tryCuts } from '../../torture/power-cut/power-cuts.ts';
import { record, tracesOf } from '../../torture/power-cut/record.ts';
import { listByProblem } from '../../torture/power-cut/violated.ts';
import { canTamper } from '../../torture/storm/disk-faults.ts';
import { startLink } from '../../torture/storm/link.ts';
import { planFaults, planKills } from '../../torture/storm/schedule.ts';
import { THIS_VERSION } from '../../torture/storm/version.ts';
import { runStorm } from '../../torture/storm/storm.ts';
import type { StormOptions } from '../../torture/storm/storm.ts';

/** Without callbacks, which may wait for a minute after a server was killed. */
const QUICK = [order, download, stockImport];
const brokenBy = (name: string) => join(import.meta.dirname, 'broken', `${name}.ts`);

async function newFolder(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-torture-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('a storm', () => {
  async function smallStorm(
    context: TestContext,
    options: Pick<StormOptions, 'until' | 'preloads' | 'quietLimitMs'>,
  ) {
    const folder = await newFolder(context);
    const site = { database: 'sqlite', nodes: 1, clients: 4, folder } as const;
    return runStorm({ seed: 1, journeys: QUICK, quietLimitMs: 60_000, ...site, ...options });
  }

  test('of a few seconds on SQLite violates nothing', async (context) => {
    const { violations, orders, examined, faults } = await smallStorm(context, {
      until: { ms: 2_000 },
    });
    assert.deepEqual(violations, []);
    assert.ok(orders > 0 && examined > 0 && faults.size > 0);
  });

  test('finds a server that answers before it has committed', async (context) => {
    const preloads = [brokenBy('early-answer')];
    const { violations } = await smallStorm(context, {
      until: { cycles: 2 },
      preloads,
      quietLimitMs: 1_000,
    });
    assert.notDeepEqual(violations, []);
  });

  test(
    'in which nodes behind a proxy are replaced one after the other violates nothing, and no client sees it',
    { skip: withoutPostgres },
    async (context) => {
      const folder = await newFolder(context);
      const { violations, orders, faults, unanswered } = await runStorm({
        seed: 4,
        database: 'postgres',
        nodes: 2,
        clients: 3,
        journeys: QUICK,
        folder,
        until: { cycles: 2 },
        versions: [THIS_VERSION, THIS_VERSION],
        quietLimitMs: 60_000,
      });
      assert.deepEqual(violations, []);
      assert.ok(orders > 0);
      assert.deepEqual(
        Object.fromEntries(faults),
        { 'stop of this build, then this build': 2 },
        `${unanswered} without an answer`,
      );
    },
  );

  test('has the same faults with the same seed, and others with another', () => {
    const faults = (seed: number) => planFaults(seed, 'postgres', 3).take(50).toArray();
    assert.deepEqual(faults(7), faults(7));
    assert.notDeepEqual(faults(7), faults(8));
    assert.deepEqual(planKills(7, 3, 50), planKills(7, 3, 50));
  });
});

describe('a network connection in a storm', () => {
  /** Sends `ping` through a link to a server that answers 2,000 bytes. @returns what arrives before the end */
  async function ask(prepare: (link: Awaited<ReturnType<typeof startLink>>) => void) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(Buffer.alloc(2_000, 'a')));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using link = await startLink((server.address() as AddressInfo).port);
    prepare(link);
    const socket = connect(link.port, '127.0.0.1');
    socket.write('ping');
    const answer = await buffer(socket).catch(() => Buffer.alloc(0));
    server.close();
    return answer.length;
  }

  for (const [weather, arrives] of [
    ['clear', 2_000],
    ['slow', 2_000],
    ['torn', 700],
    ['answers lost', 0],
    ['cut', 0],
  ] as const) {
    test(`that is ${weather} lets ${arrives} of 2,000 bytes arrive`, async () => {
      assert.equal(await ask((link) => link.setWeather(weather)), arrives);
    });
  }

  test('that is silent carries nothing until it is clear', async () => {
    const arrived = ask((link) => {
      link.setWeather('silent');
      setTimeout(() => link.setWeather('clear'), 100);
    });
    assert.equal(await arrived, 2_000);
  });
});

test('problems of power cuts that differ only in their values are listed once', () => {
  const told = (sid: string) => [`acknowledged: ${sid}: a client was told of it, and it is gone`];
  const at = (moment: number, problems: string[]) =>
    ({ moment, step: 'write', holds: 'none of 7 unsynced changes', problems }) as const;
  assert.deepEqual(
    listByProblem([
      at(3, ['it cannot be opened: disk image is malformed']),
      at(4, told('HP019a')),
      at(5, told('HP019b')),
      at(9, [...told('HP019b'), 'sims: HS019b: it is gone']),
    ]),
    [
      'on 3 disks: acknowledged: HP019a: a client was told of it, and it is gone',
      '  at moment 4–5, 9; first after a write, with none of 7 unsynced changes',
      'on 1 disk: it cannot be opened: disk image is malformed',
      '  at moment 3; first after a write, with none of 7 unsynced changes',
    ],
  );
});

const skip = !canTamper() && 'strace is not installed here, or may not trace';
describe('power cuts on SQLite', { skip }, () => {
  async function cutPower(context: TestContext, cuts: number, preloads: string[] = []) {
    const folder = await newFolder(context);
    const options = { seed: 1, seconds: 2.5, clients: 2, runs: 1, journeys: QUICK, preloads };
    const { violations } = await record(folder, options);
    assert.deepEqual(violations, [], 'while it was recorded');
    return tryCuts(folder, tracesOf(folder, 1), {
      seed: 1,
      cuts,
      variants: ['none', 'some sectors'],
      serverEvery: 10,
    });
  }

  test('a sample, from the first start on, loses nothing', async (context) => {
    const { violated, disks, servers, told } = await cutPower(context, 8);
    assert.deepEqual(violated, []);
    assert.ok(disks > 10 && servers > 0 && told > 0);
  });

  test('find a server that does not wait for the disk', async (context) => {
    const { violated } = await cutPower(context, 8, [brokenBy('lying-sync')]);
    assert.match(listByProblem(violated).join('\n'), /a client was told/);
  });
});
