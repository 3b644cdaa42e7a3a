// §5.6.2, §5.6.3: the SM-DP+ records why an order ended, and tells that to later devices.
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { builtInSmdp } from '../../../src/smdp/orders/built-in-smdp.ts';
import { CONFIRMATION_CODE_LIMIT } from '../../../src/smdp/download/confirmation-code.ts';
import { DOWNLOAD_LIMIT } from '../../../src/smdp/download/ordered-profile.ts';
import type { Euicc } from '../../../src/device/euicc.ts';
import type { EndedReason } from '../../../src/store/schema.ts';
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
import { newEuicc } from '../../es9plus/phone.ts';
import type { TestServer } from '../../server.ts';
import { unitAt } from '../../unit.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** `euicc`: the one to which the profile was bound. */
interface Ended {
  sid: string;
  matching_id: string;
  euicc?: Euicc;
}

async function comesLater(server: TestServer, order: Ended): Promise<string> {
  const steps = stepsOf(server, order.matching_id, order.euicc);
  await steps.initiate();
  return (await steps.authenticate()).result;
}

/** Starts this many downloads, and reports that the last one could not be installed. */
async function failsToInstall(server: TestServer, downloads: number): Promise<Ended> {
  const order = await server.order({ GenerateMatchingId: 'true' });
  const installationError = {
    bppCommandId: 'loadProfileElements',
    errorReason: 'installFailedDueToDataMismatch',
  } as const;
  const euicc = newEuicc(server, { options: { misbehaviour: { installationError } } });
  for (let download = 1; download < downloads; download += 1) {
    await stepsOf(server, order.matching_id, euicc).begin();
  }
  const steps = stepsOf(server, order.matching_id, euicc);
  assert.equal((await steps.notify(await steps.install())).result, NO_CONTENT);
  return { ...order, euicc };
}

/** Ways for an order to end, and the refusal of a later device. */
const WAYS: [EndedReason, told: string, end: (server: TestServer) => Promise<Ended>][] = [
  [
    'expired',
    '8.8.5 / 4.10',
    async (server) => {
      const order = await server.order({ GenerateMatchingId: 'true' });
      moveClock(server, 7 * DAY_MS);
      assert.equal(await comesLater(server, order), '8.8.5 / 4.10');
      return order;
    },
  ],
  [
    'downloadAttempts',
    '8.8.5 / 6.4',
    async (server) => {
      const order = await server.order({ GenerateMatchingId: 'true' });
      const euicc = newEuicc(server);
      for (let download = 0; download < DOWNLOAD_LIMIT; download += 1) {
        await stepsOf(server, order.matching_id, euicc).begin();
      }
      assert.equal(await comesLater(server, order), '8.8.5 / 6.4');
      return order;
    },
  ],
  [
    'confirmationCode',
    '8.2.6 / 3.8',
    async (server) => {
      const order = await orderWithCode(server, '4711');
      for (let code = 1; code <= CONFIRMATION_CODE_LIMIT; code += 1) {
        const steps = await stepsOf(server, order.matching_id).begin();
        const { result } = await steps.getPackage('wrong');
        assert.equal(result, code < CONFIRMATION_CODE_LIMIT ? '8.2.7 / 3.8' : '8.2.7 / 6.4');
      }
      return order;
    },
  ],
  [
    'cancelSession',
    '8.2.6 / 3.8',
    async (server) => {
      const order = await server.order({ GenerateMatchingId: 'true' });
      const steps = await stepsOf(server, order.matching_id).begin();
      assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
      return order;
    },
  ],
  ['installation', '8.2.6 / 3.8', (server) => failsToInstall(server, 1)],
];

onEachDatabase('an order that ended', (database) => {
  const running = serverOn(database, {
    es9: true,
    stock: 30,
    env: { SIMWRIGHT_ORDER_LIFETIME_DAYS: '7' },
  });
  afterEach(() => moveClock(running(), 0));
  after(() => assert.deepEqual(errorsLogged(running()), []));

  for (const [reason, told, end] of WAYS) {
    test(`${reason}: is remembered, and the next order of the profile starts afresh`, async () => {
      const server = running();
      const order = await end(server);
      assert.equal(await statusOf(server, order.sid), 'failed Error');
      const { subscription } = await stateOf(server, order.sid);
      assert.equal(subscription?.ended_reason, reason);
      moveClock(server, 0);
      assert.equal(await comesLater(server, order), told);

      const { store, config, masterKey, now } = server.server.context;
      const { account_sid: accountSid, iccid } = subscription;
      await store.transaction((tables) =>
        builtInSmdp({
          accountSid,
          smdpAddress: config.smdpAddress,
          masterKey,
          unit: unitAt(tables, now()),
        }).cancelOrder({
          header: { functionRequesterIdentifier: 'test', functionCallIdentifier: 'cancel' },
          iccid,
          finalProfileStatusIndicator: 'Available',
        }),
      );
      const row = await store.subscriptions.find(accountSid, iccid);
      assert.deepEqual(
        [row?.state, row?.ended_reason, row?.download_attempts, row?.confirmation_code_attempts],
        ['Available', null, 0, 0],
      );
    });
  }

  test('because its last download could not be installed did not exceed its attempts: 8.2.6 / 3.8', async () => {
    const server = running();
    const order = await failsToInstall(server, DOWNLOAD_LIMIT);
    const { subscription } = await stateOf(server, order.sid);
    assert.deepEqual(
      [subscription?.ended_reason, subscription?.download_attempts],
      ['installation', DOWNLOAD_LIMIT],
    );
    assert.equal(await comesLater(server, order), '8.2.6 / 3.8');
  });

  test('an installed profile has no reason', async () => {
    const server = running();
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.notify(await steps.install());
    const { subscription } = await stateOf(server, order.sid);
    assert.deepEqual([subscription?.state, subscription?.ended_reason], ['Installed', null]);
  });
});
