// §5.6.3, §5.6.2: orders that expire.
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { endExpiredOrders } from '../../../src/smdp/download/order-expiry.ts';
import { onEachDatabase, serverOn } from '../../databases.ts';
import {
  errorsLogged,
  moveClock,
  NO_CONTENT,
  stateOf,
  statusOf,
  stepsOf,
  SUCCESS,
} from '../../es9plus/calls.ts';
import { orderWithCode } from '../../es9plus/confirmation-code.ts';
import { newEid, newEuicc } from '../../es9plus/phone.ts';
import { eventually, startTestServer } from '../../server.ts';
import type { TestServer } from '../../server.ts';

/** What the built-in SM-DP+ is asked for does not matter to it. */
const on = { subject: 'of a test', task: { kind: 'reserve' } } as const;

const DAY_MS = 24 * 60 * 60 * 1_000;
const REFUSED = '8.8.5 / 4.10';

const newOrder = (server: TestServer) => server.order({ GenerateMatchingId: 'true' });

async function lastEvent(server: TestServer, sid: string) {
  const { json } = await server.request(`/v1/ESimProfiles/${sid}/Events`);
  const { status, cause, detail } = json.events[0];
  return { status, cause, detail };
}

onEachDatabase('an order that expires after 7 days', (database) => {
  const running = serverOn(database, {
    es9: true,
    stock: 60,
    env: { SIMWRIGHT_ORDER_LIFETIME_DAYS: '7' },
  });
  afterEach(() => moveClock(running(), 0));
  after(() => assert.deepEqual(errorsLogged(running()), []));

  test('§5.6.3 is refused with 8.8.5 / 4.10, and has failed', async () => {
    const server = running();
    const order = await newOrder(server);
    moveClock(server, 7 * DAY_MS);
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    assert.equal((await steps.authenticate()).result, REFUSED);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
    const { json } = await server.request(`/v1/ESimProfiles/${order.sid}`);
    const message = 'The order has expired: not downloaded within 7 days';
    assert.deepEqual([json.error_code, json.error_message], ['8.8.5/4.10', message]);
    assert.deepEqual(await lastEvent(server, order.sid), {
      status: 'failed',
      cause: 'order expired',
      detail: message,
    });
    // And so is any later device.
    const next = stepsOf(server, order.matching_id);
    await next.initiate();
    assert.equal((await next.authenticate()).result, REFUSED);
  });

  test('is served until then', async () => {
    const server = running();
    const order = await newOrder(server);
    moveClock(server, 7 * DAY_MS - 60_000);
    assert.equal(await endExpiredOrders(server.server.context, 50), 0);
    const steps = stepsOf(server, order.matching_id);
    await steps.notify(await steps.install());
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('counts from its release, not from the last attempt', async () => {
    const server = running();
    const order = await newOrder(server);
    moveClock(server, 6 * DAY_MS);
    await stepsOf(server, order.matching_id).begin();
    moveClock(server, 8 * DAY_MS);
    assert.equal(await endExpiredOrders(server.server.context, 50), 1);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
  });

  test('§5.6.3 the EID is checked first: 8.1.1 / 3.8, and the order is unchanged', async () => {
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true', Eid: newEid() });
    moveClock(server, 8 * DAY_MS);
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    assert.equal((await steps.authenticate()).result, '8.1.1 / 3.8');
    assert.equal(await statusOf(server, order.sid), 'available Released');
    await endExpiredOrders(server.server.context, 50);
  });

  test('§5.6.2 that expires during the session is refused with 8.8.5 / 4.10', async () => {
    const server = running();
    const order = await newOrder(server);
    moveClock(server, 7 * DAY_MS - 60_000);
    const steps = await stepsOf(server, order.matching_id).begin();
    moveClock(server, 7 * DAY_MS + 60_000);
    assert.equal((await steps.getPackage()).result, REFUSED);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
    // The LPA's later message has no effect on the order.
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    const { profile } = await stateOf(server, order.sid);
    assert.equal(profile?.error_code, '8.8.5/4.10');
  });

  test('§5.6.2 that housekeeping ends during the session, too', async () => {
    const server = running();
    const order = await newOrder(server);
    moveClock(server, 7 * DAY_MS - 60_000);
    const steps = await stepsOf(server, order.matching_id).begin();
    moveClock(server, 7 * DAY_MS + 60_000);
    assert.equal(await endExpiredOrders(server.server.context, 50), 1);
    assert.equal((await steps.getPackage()).result, REFUSED);
  });

  test('§5.6.2 the confirmation code is checked first: 8.2.7 / 3.8', async () => {
    const server = running();
    const order = await orderWithCode(server, '4711');
    moveClock(server, 7 * DAY_MS - 60_000);
    const steps = await stepsOf(server, order.matching_id).begin();
    moveClock(server, 7 * DAY_MS + 60_000);
    assert.equal((await steps.getPackage('wrong')).result, '8.2.7 / 3.8');
    assert.equal(await statusOf(server, order.sid), 'available Released');
    assert.equal((await steps.getPackage('4711')).result, REFUSED);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
  });

  test('ends without a device, with its callback, when its time is up', async () => {
    const server = running();
    const url = 'http://127.0.0.1:9/';
    const order = await server.order({ GenerateMatchingId: 'true', CallbackUrl: url });
    moveClock(server, 7 * DAY_MS);
    server.server.context.wake('housekeeping');
    await eventually(
      async () => (await statusOf(server, order.sid)) === 'failed Error' || undefined,
    );
    const { store } = server.server.context;
    const callbacks = await store.callbacks.list(server.account.username, {
      subject: order.sid,
      limit: 10,
    });
    const told = callbacks.map(({ parameters }) =>
      Object.fromEntries(JSON.parse(parameters) as [string, string][]),
    );
    assert.deepEqual(
      told.filter(({ Status }) => Status === 'failed').map(({ ErrorCode }) => ErrorCode),
      ['8.8.5/4.10'],
    );
  });

  test('many at once: several nodes end each one once, in batches', async () => {
    const server = running();
    const orders = await Promise.all(Array.from({ length: 9 }, () => newOrder(server)));
    moveClock(server, 7 * DAY_MS);
    const { context } = server.server;
    const ended = await Promise.all(Array.from({ length: 4 }, () => endExpiredOrders(context, 4)));
    assert.equal(
      ended.reduce((sum, count) => sum + count, 0),
      9,
    );
    assert.ok(ended.every((count) => count <= 4));
    for (const { sid } of orders) {
      const { json } = await server.request(`/v1/ESimProfiles/${sid}/Events`);
      const causes = json.events.map(({ cause }: any) => cause as string);
      assert.equal(causes.filter((cause: string) => cause === 'order expired').length, 1);
    }
  });

  test('§5.3.5 ends even if the operator knows no such order, and does not hold up others', async () => {
    const server = running();
    const { context } = server.server;
    const { username: accountSid } = server.account;
    // As left by a program that calls ES2+ itself and dies before CancelOrder.
    const { iccid } = await context.transact(async (unit) => {
      const smdp = context.smdp(accountSid, unit, on);
      const header = { functionRequesterIdentifier: accountSid, functionCallIdentifier: 'theirs' };
      const ordered = await smdp.downloadOrder({ header });
      await smdp.confirmOrder({ header, ...ordered, releaseFlag: true });
      return ordered;
    });
    const order = await newOrder(server);
    moveClock(server, 7 * DAY_MS);
    assert.equal(await endExpiredOrders(context, 50), 2);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
    const row = await context.store.subscriptions.find(accountSid, iccid);
    assert.deepEqual([row?.state, row?.ended_reason], ['Error', 'expired']);
    assert.ok(server.logged.some((line) => line.includes(`No order has ICCID ${iccid}`)));
  });

  describe('when it was downloaded before', () => {
    test('does not end: its notification may still arrive, and is accepted', async () => {
      const server = running();
      const order = await newOrder(server);
      const steps = stepsOf(server, order.matching_id);
      const result = await steps.install();
      moveClock(server, 8 * DAY_MS);
      assert.equal(await endExpiredOrders(server.server.context, 50), 0);
      assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
      assert.equal((await steps.notify(result)).result, NO_CONTENT);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });

    test('is not downloaded again: 8.8.5 / 4.10, and is unchanged', async () => {
      const server = running();
      const order = await newOrder(server);
      const euicc = newEuicc(server);
      const result = await stepsOf(server, order.matching_id, euicc).install();
      moveClock(server, 8 * DAY_MS);
      const again = stepsOf(server, order.matching_id, euicc);
      await again.initiate();
      assert.equal((await again.authenticate()).result, REFUSED);
      assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
      await again.notify(result);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });

    test('ends with a failure that would have allowed a retry before', async () => {
      const server = running();
      const order = await newOrder(server);
      const euicc = newEuicc(server, {
        options: {
          misbehaviour: {
            installationError: {
              bppCommandId: 'loadProfileElements',
              errorReason: 'installFailedDueToInterruption',
            },
          },
        },
      });
      const steps = stepsOf(server, order.matching_id, euicc);
      const result = await steps.install();
      moveClock(server, 8 * DAY_MS);
      await steps.notify(result);
      assert.equal(await statusOf(server, order.sid), 'failed Error');
      assert.equal((await stateOf(server, order.sid)).profile?.error_code, '5/11');
    });
  });
});

test('without the setting no order expires', async () => {
  await using server = await startTestServer({ es9: true, stock: 1 });
  const order = await newOrder(server);
  moveClock(server, 10_000 * DAY_MS);
  // Certificates would expire, so the clock is moved only for the orders.
  assert.equal(await endExpiredOrders(server.server.context, 50), 0);
  moveClock(server, 365 * DAY_MS);
  const steps = stepsOf(server, order.matching_id);
  await steps.notify(await steps.install());
  assert.equal(await statusOf(server, order.sid), 'installed Installed');
});
