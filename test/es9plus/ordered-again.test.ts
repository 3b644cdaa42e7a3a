// A session belongs to the order that it authenticated for. When that order is cancelled, and its profile is ordered
// again, the session has no claim to the new order.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { changeStatus } from '../../src/operator/esim-profile.ts';
import { changeState } from '../../src/smdp/profile-state.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestServer } from '../server.ts';
import { errorsLogged, NO_CONTENT, stateOf, statusOf, stepsOf, SUCCESS } from './calls.ts';
import { newEuicc } from './phone.ts';

/** What the built-in SM-DP+ is asked for does not matter to it. */
const on = { subject: 'of a test', task: { kind: 'reserve' } } as const;

const newOrder = (server: TestServer) => server.order({ GenerateMatchingId: 'true' });

/** Cancels an order, whose profile returns to stock, and orders the same profile again. */
async function orderAgain(server: TestServer, { sid, iccid }: any) {
  const { smdp, transact } = server.server.context;
  const { profile } = await stateOf(server, sid);
  await transact(async (unit) => {
    await smdp(server.account.username, unit, on).cancelOrder({
      header: { functionRequesterIdentifier: 'operator', functionCallIdentifier: 'cancel' },
      iccid,
      finalProfileStatusIndicator: 'Available',
    });
    if (profile!.status === 'failed') return;
    await changeStatus(profile!, 'failed', {}, { cause: 'cancelled' }, unit);
  });
  const again = await newOrder(server);
  assert.equal(again.iccid, iccid);
  return again;
}

onEachDatabase('§3.1.3 a session of an order whose profile is ordered again', (database) => {
  const running = serverOn(database, { es9: true, stock: 20 });
  after(() => assert.deepEqual(errorsLogged(running()), []));

  test('§5.6.2 gets no package: 8.2 / 3.7; the new order waits for its own device', async () => {
    const server = running();
    const order = await newOrder(server);
    const steps = await stepsOf(server, order.matching_id).begin();
    const again = await orderAgain(server, order);
    // Another device has begun, too.
    const other = await stepsOf(server, again.matching_id).begin();
    assert.equal((await steps.getPackage()).result, '8.2 / 3.7');
    assert.equal(await statusOf(server, again.sid), 'available Released');
    assert.equal((await steps.again('authenticateClient')).result, '8.10.1 / 3.9');
    assert.equal((await other.getPackage()).result, SUCCESS);
    assert.equal(await statusOf(server, again.sid), 'downloaded Downloaded');
  });

  test('§5.6.5 cannot give up the new order', async () => {
    const server = running();
    const order = await newOrder(server);
    const steps = await stepsOf(server, order.matching_id).begin();
    const again = await orderAgain(server, order);
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await statusOf(server, again.sid), 'available Released');
  });

  test('§5.6.4 cannot fail the new order by a late result, nor complete it', async () => {
    const server = running();
    const euicc = newEuicc(server);
    const order = await newOrder(server);
    const steps = stepsOf(server, order.matching_id, euicc);
    steps.misbehaviour.installationError = {
      bppCommandId: 'loadProfileElements',
      errorReason: 'installFailedDueToPEProcessingError',
    };
    const late = await steps.install();
    delete steps.misbehaviour.installationError;
    const { subscription } = await stateOf(server, order.sid);
    const { transact } = server.server.context;
    await transact((unit) => changeState(subscription!, 'Error', { known_absent: 1 }, unit));
    const again = await orderAgain(server, order);
    const next = stepsOf(server, again.matching_id, euicc);
    const result = await next.install();
    assert.equal((await steps.notify(late)).result, NO_CONTENT);
    assert.equal(await statusOf(server, again.sid), 'downloaded Downloaded');
    assert.equal((await next.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(server, again.sid), 'installed Installed');
  });
});
