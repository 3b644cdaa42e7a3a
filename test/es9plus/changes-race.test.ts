// Changes of an order against downloads of it, at the same time: one of both wins, and both sides are told the truth. More
// rounds than in CI: RACES=500 npm test -- test/es9plus/changes-race.test.ts
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expireOrders } from '../../src/operator/expire-orders.ts';
import { startServer } from '../../src/server.ts';
import type { Server } from '../../src/server.ts';
import type { Unit } from '../../src/unit.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { Reply } from '../server.ts';
import { violated } from '../verify/violated.ts';
import type { Es9Reply, Steps } from './calls.ts';
import { errorsLogged, stateOf, statusOf, stepsOf, SUCCESS } from './calls.ts';
import { newEid } from './phone.ts';

const ROUNDS = Number(process.env['RACES'] ?? 8);
/** Races at the same time, which get in each other's way. */
const AT_ONCE = 4;
const UNAVAILABLE = { FinalProfileStatusIndicator: 'Unavailable' };
/** §5.6.2: the order was cancelled, or given to the SM-DP+ anew, during the session. */
const GONE = '8.2 / 3.7';
const REFUSED = '8.2.6 / 3.8';

onEachDatabase('changes of an order against its download', (database) => {
  const running = serverOn(database, { es9: true, stock: 10 * ROUNDS + 40 });
  /** Another node, where there can be one: the API of one, and ES9+ of the other. */
  let second: Server | undefined;
  before(async () => {
    const { config, secrets, server } = running();
    if (config.database.kind !== 'postgres') return;
    second = await startServer({ ...config, es9Port: 0 }, secrets, server.context.log);
  });
  after(async () => {
    await second?.[Symbol.asyncDispose]();
    // On a busy machine, PostgreSQL may take too long to let a background loop in.
    const errors = errorsLogged(running()).filter((line) => !line.includes('StoreUnavailable'));
    assert.deepEqual(errors, []);
  });

  const order = () => running().order({ GenerateMatchingId: 'true' });
  async function change(
    { sid }: any,
    operation: string,
    form: Record<string, string> = {},
  ): Promise<Reply> {
    const base = second?.context.publicUrl ?? running().url;
    return running().request(`${base}/v1/ESimProfiles/${sid}${operation}`, { form });
  }

  /** Runs a race many times, several at once. @returns how often each outcome came */
  async function race(run: (round: number) => Promise<string>): Promise<Map<string, number>> {
    const outcomes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, index) => run(round + index));
      for (const outcome of await Promise.all(some)) {
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    return outcomes;
  }

  /** The one begins a little before the other: by how much, changes from round to round. */
  async function against<A, B>(
    round: number,
    one: () => Promise<A>,
    other: () => Promise<B>,
  ): Promise<[A, B]> {
    const wait = async (turns: number) => {
      for (let turn = 0; turn < turns; turn++) await nextTurn();
    };
    const lead = (round % 8) * 3;
    const [first, then] = round % 2 === 0 ? [0, lead] : [lead, 0];
    return Promise.all([wait(first).then(one), wait(then).then(other)]);
  }

  const begun = async (matchingId: string): Promise<Steps> =>
    stepsOf(running(), matchingId).begin();

  /** What the device got, what the client was told, and what there is. */
  async function outcomeOf({ sid }: any, device: Es9Reply, client: Reply): Promise<string> {
    const known = client.status === 409 ? `409 ${client.json.details?.status}` : client.status;
    return `${device.result}, ${known}, ${await statusOf(running(), sid)}`;
  }

  test('cancelled: no package, and the subscription is in stock; or the package has left, and 409 says so', async (context) => {
    const outcomes = await race(async (round) => {
      const placed = await order();
      const steps = await begun(placed.matching_id);
      const [device, client] = await against(
        round,
        () => steps.getPackage(),
        () => change(placed, '/Cancel'),
      );
      if (client.status === 200) assert.equal(client.json.status, 'failed');
      return outcomeOf(placed, device, client);
    });
    assertAmong(context, outcomes, [
      `${GONE}, 200, failed undefined`,
      `${SUCCESS}, 409 downloaded, downloaded Downloaded`,
    ]);
  });

  test('cancelled with Unavailable: always, and a late result of what had left is accepted', async (context) => {
    const outcomes = await race(async (round) => {
      const placed = await order();
      const steps = await begun(placed.matching_id);
      const [device, client] = await against(
        round,
        () => steps.getPackage(),
        () => change(placed, '/Cancel', UNAVAILABLE),
      );
      const outcome = await outcomeOf(placed, device, client);
      if (device.result === SUCCESS) {
        assert.equal((await steps.notify(steps.load(device))).status, 204);
        const { json } = await running().request(`/v1/ESimProfiles/${placed.sid}/Events`);
        assert.equal(json.events[0].cause, 'installed on the device');
      }
      const { store } = running().server.context;
      const row = await store.subscriptions.find(running().account.username, placed.iccid);
      assert.equal(row?.state, 'Unavailable');
      return outcome;
    });
    assertAmong(context, outcomes, [
      `${GONE}, 200, failed undefined`,
      `${SUCCESS}, 200, failed Unavailable`,
    ]);
  });

  test('cancelled against the result of the installation: installed, or failed, and told so', async (context) => {
    const outcomes = await race(async (round) => {
      const placed = await order();
      const steps = stepsOf(running(), placed.matching_id);
      const result = await steps.install();
      const [device, client] = await against(
        round,
        () => steps.notify(result),
        () => change(placed, '/Cancel', UNAVAILABLE),
      );
      return outcomeOf(placed, device, client);
    });
    assertAmong(context, outcomes, [
      '204, 409 installed, installed Installed',
      '204, 200, failed Unavailable',
    ]);
  });

  for (const [name, operation, form] of [
    ['re-issued', '/MatchingId', (): Record<string, string> => ({})],
    ['bound to another EID', '', () => ({ Eid: newEid() })],
  ] as const) {
    test(`${name} against the package: the old claim gets none, or it has left, and 409 says so`, async (context) => {
      const outcomes = await race(async (round) => {
        const placed = await order();
        const steps = await begun(placed.matching_id);
        const [device, client] = await against(
          round,
          () => steps.getPackage(),
          () => change(placed, operation, form()),
        );
        return outcomeOf(placed, device, client);
      });
      assertAmong(context, outcomes, [
        `${GONE}, 200, available Released`,
        `${SUCCESS}, 409 downloaded, downloaded Downloaded`,
      ]);
    });
  }

  test('re-issued while a device begins: it is refused at once, or gets no package', async (context) => {
    const outcomes = await race(async (round) => {
      const placed = await order();
      const steps = stepsOf(running(), placed.matching_id);
      assert.equal((await steps.initiate()).result, SUCCESS);
      const [device, client] = await against(
        round,
        () => steps.authenticate(),
        () => change(placed, '/MatchingId'),
      );
      assert.equal(client.status, 200);
      if (device.result === SUCCESS) assert.equal((await steps.getPackage()).result, GONE);
      const { subscription } = await stateOf(running(), placed.sid);
      assert.equal(subscription?.download_attempts, 0, 'a new order counts anew');
      assert.equal(subscription.matching_id, client.json.matching_id);
      const next = await begun(client.json.matching_id as string);
      assert.equal((await next.getPackage()).result, SUCCESS);
      return outcomeOf(placed, device, client);
    });
    assertAmong(context, outcomes, [
      `${REFUSED}, 200, downloaded Downloaded`,
      `${SUCCESS}, 200, downloaded Downloaded`,
    ]);
  });

  test('expired against the package: failed without one, or downloaded', async (context) => {
    const DAY_MS = 24 * 60 * 60 * 1_000;
    const ExpiresAt = new Date(Date.now() + DAY_MS).toISOString();
    const outcomes = new Map<string, number>();
    const now = () => new Date(Date.now() + 2 * DAY_MS);
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const form = { GenerateMatchingId: 'true', ExpiresAt };
      const placed = await Promise.all(
        Array.from({ length: AT_ONCE }, () => running().order(form)),
      );
      const devices = await Promise.all(
        placed.map(({ matching_id }) => begun(matching_id as string)),
      );
      const { context: server } = running().server;
      const [replies] = await against(
        round / AT_ONCE,
        () => Promise.all(devices.map((steps) => steps.getPackage())),
        () => expireOrders({ ...server, now, transact: transactAt(now) }, 50),
      );
      for (const [index, { result }] of replies.entries()) {
        const outcome = `${result}, ${await statusOf(running(), placed[index].sid as string)}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    }
    assertAmong(context, outcomes, [
      `${GONE}, failed undefined`,
      `${SUCCESS}, downloaded Downloaded`,
    ]);

    function transactAt(time: () => Date) {
      const { transact } = running().server.context;
      return <T>(work: (unit: Unit) => Promise<T>): Promise<T> =>
        transact((unit) => work({ ...unit, now: time() }));
    }
  });

  test('cancelled, re-issued and bound at once: each is carried out, or told why not', async (context) => {
    const outcomes = await race(async () => {
      const placed = await order();
      const [cancelled, reissued, bound] = await Promise.all([
        change(placed, '/Cancel'),
        change(placed, '/MatchingId'),
        change(placed, '', { Eid: newEid() }),
      ]);
      for (const { status, json } of [reissued, bound]) {
        if (status !== 200) assert.equal(json.details.status, 'failed');
      }
      const { json } = await running().request(`/v1/ESimProfiles/${placed.sid}`);
      // Its URL has the base of the node that answered.
      assert.deepEqual({ ...json, url: '' }, { ...cancelled.json, url: '' });
      return `${cancelled.status} ${json.status}`;
    });
    assertAmong(context, outcomes, ['200 failed']);
  });

  test('all of these races leave a database that violates nothing', async () => {
    const { config, server } = running();
    assert.deepEqual(await violated(config.database, server.context.masterKey), []);
  });
});

/** How often each came, is reported. */
function assertAmong(context: TestContext, outcomes: Map<string, number>, allowed: string[]): void {
  for (const [outcome, count] of outcomes) context.diagnostic(`${count} × ${outcome}`);
  const others = Array.from(outcomes).filter(([outcome]) => !allowed.includes(outcome));
  assert.deepEqual(others, [], `expected only ${allowed.join(' or ')}`);
}
