// A failure at every point of a journey: as many as fit here, and that the trial notices a product that is broken.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { explore } from '../../torture/points/explore.ts';
import type { Choice, Exploration, Listener } from '../../torture/points/explore.ts';
import type { Ground } from '../../torture/points/ground.ts';
import { freePorts, openGround } from '../../torture/points/grounds.ts';
import { bearer } from '../../torture/points/life.ts';
import type { Bear } from '../../torture/points/life.ts';
import type { DatabaseKind } from '../../torture/points/point.ts';
import { SCENES } from '../../torture/points/scene.ts';
import { BROKEN } from './broken-products.ts';

const SEED = 3;
/** Points of each scene; `npm run torture -- points` tries them all. */
const SAMPLE = 2;
/** More of the scene that all others contain. */
const ORDER_SAMPLE = 24;
const NOTHING = 'at some points, a failure or the death of the process violates nothing';
/** Every other scene on each. */
const OTHERS = {
  sqlite: SCENES.filter((_scene, index) => index % 2 === 0),
  postgres: SCENES.filter((_scene, index) => index % 2 === 1),
};

const ports = await freePorts();

function onGround(kind: DatabaseKind, suite: (exploreOn: Explore) => void): void {
  describe(kind, () => {
    let ground: Ground | undefined;
    before(async () => (ground = await openGround(kind, ports)));
    after(() => ground?.[Symbol.asyncDispose]());
    suite(async (name, choice, bear = bearer(), listener = {}) => {
      const scene = SCENES.find((one) => one.name === name)!;
      return ground && explore(scene, { ground, ports, bear, seed: SEED }, choice, listener);
    });
  });
}

/** Undefined where the database is not installed. */
type Explore = (
  scene: string,
  choice: Choice,
  bear?: Bear,
  listener?: Listener,
) => Promise<Exploration | undefined>;

onGround('sqlite', (exploreOn) => {
  test('order: whichever call fails, the order is carried out, once', async () => {
    const exploration = await exploreOn('order', {
      shares: true,
      sample: ORDER_SAMPLE,
      wants: ({ fault }) => fault === 'fail',
    });
    assert.deepEqual(exploration?.findings, []);
    assert.ok(exploration.calls > 60, 'all that an order takes');
    // What loops do by the second may fall elsewhere, the more of it the slower the machine is.
    const reached = exploration.tried.fail! - exploration.notReached.length;
    assert.ok(reached > ORDER_SAMPLE / 2, `not ${exploration.notReached.join()}`);
  });

  for (const { name } of OTHERS.sqlite) {
    test(`${name}: ${NOTHING}`, async () => {
      const exploration = await exploreOn(name, { sample: SAMPLE });
      assert.deepEqual(exploration?.findings, []);
    });
  }

  for (const [what, { product, journeys, shows }] of Object.entries(BROKEN)) {
    const { operations } = product;
    if (operations === undefined) continue;
    test(`a broken product is found: ${what}`, async () => {
      const found: string[] = [];
      const enough = new AbortController();
      await exploreOn(
        journeys[0]!.name,
        { shares: true, wants: ({ name }) => name.startsWith('commit-of-insert') },
        bearer(operations),
        {
          onFinding(text) {
            found.push(text);
            if (shows.test(text)) enough.abort();
          },
          enough: enough.signal,
        },
      );
      assert.match(found.join('\n'), shows);
    });
  }
});

onGround('postgres', (exploreOn) => {
  for (const { name } of OTHERS.postgres) {
    test(`${name}: ${NOTHING}`, async (context) => {
      const exploration = await exploreOn(name, { sample: SAMPLE });
      if (exploration === undefined) return context.skip('PostgreSQL is not installed here');
      assert.deepEqual(exploration.findings, []);
      return undefined;
    });
  }
});
