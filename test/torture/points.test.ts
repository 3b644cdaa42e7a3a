// A failure at every point of a journey: as many as fit here, and that the trial notices a product that is broken.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Context } from '../../src/context.ts';
import { explore } from '../../torture/points/explore.ts';
import type { Choice, Exploration } from '../../torture/points/explore.ts';
import type { Ground } from '../../torture/points/ground.ts';
import { freePorts, openGround } from '../../torture/points/grounds.ts';
import { bearer } from '../../torture/points/life.ts';
import type { Bear } from '../../torture/points/life.ts';
import type { DatabaseKind } from '../../torture/points/point.ts';
import { SCENES } from '../../torture/points/scene.ts';

const SEED = 1;
/** Points of each scene; `node torture/points/main.ts` tries them all. */
const SAMPLE = 2;
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
    suite(async (name, choice, bear = bearer()) => {
      const scene = SCENES.find((one) => one.name === name)!;
      return ground && explore(scene, { ground, ports, bear, seed: SEED }, choice);
    });
  });
}

/** Undefined where the database is not installed. */
type Explore = (scene: string, choice: Choice, bear?: Bear) => Promise<Exploration | undefined>;

onGround('sqlite', (exploreOn) => {
  test('order: whichever call fails, the order is carried out, once', async () => {
    const exploration = await exploreOn('order', {
      shares: true,
      wants: ({ fault }) => fault === 'fail',
    });
    assert.deepEqual(exploration?.findings, []);
    assert.ok(exploration.tried.fail! > 40, 'all that an order takes');
    // What loops do by the second may fall elsewhere.
    assert.ok(exploration.notReached.length < 5, exploration.notReached.join());
  });

  for (const { name } of OTHERS.sqlite) {
    test(`${name}: ${NOTHING}`, async () => {
      const exploration = await exploreOn(name, { sample: SAMPLE });
      assert.deepEqual(exploration?.findings, []);
    });
  }

  describe('a product is found that', () => {
    /** The problems that are found where commits fail, or the process dies at them. */
    const problemsOf = async (sabotage: (context: Context) => void) => {
      const wants: Choice['wants'] = ({ name }) => /^commit-of-(insert|update)/.test(name);
      const exploration = await exploreOn('order', { shares: true, wants }, bearer(sabotage));
      return exploration!.findings.flatMap(({ problems }) => problems).join('\n');
    };

    test('answers before it has stored what it says', async () => {
      const problems = await problemsOf((context) => {
        const { transact } = context;
        context.transact = (work) =>
          new Promise((resolve, reject) => {
            transact(async (unit) => {
              const result = await work(unit);
              resolve(result);
              return result;
            }).catch(reject);
          });
      });
      assert.match(problems, /acknowledged: HP[0-9a-f]{32}: /);
    });

    test('stores the Idempotency-Key after the order', async () => {
      const problems = await problemsOf((context) => {
        const { transact } = context;
        context.transact = async (work) => {
          const keys: (() => Promise<void>)[] = [];
          const result = await transact((unit) => {
            const { idempotencyKeys } = unit.tables;
            idempotencyKeys.insert = async (row) => {
              keys.push(() => transact(({ tables }) => tables.idempotencyKeys.insert(row)));
            };
            return work(unit);
          });
          for (const store of keys) await store();
          return result;
        };
      });
      assert.match(problems, /AssertionError: Expected values to be strictly deep-equal/);
    });
  });
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
