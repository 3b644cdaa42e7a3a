// §5.6.5 ES9+.CancelSession
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CancelSessionReason } from '../../src/rsp/reasons.ts';
import { cancelSessionReasons } from '../../src/rsp/reasons.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  errorsLogged,
  moveClock,
  NO_CONTENT,
  stateOf,
  statusOf,
  stepsOf,
  SUCCESS,
} from './calls.ts';
import type { Steps } from './calls.ts';
import { orderWithCode } from './confirmation-code.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({ es9: true, stock: 60 });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

/** A device with an authenticated session, and its order. */
async function begun(): Promise<{ order: any; steps: Steps }> {
  const order = await server.order({ GenerateMatchingId: 'true' });
  return { order, steps: await stepsOf(server, order.matching_id).begin() };
}

const stepOf = async ({ transactionId }: Steps) =>
  (await server.server.context.store.rspSessions.find(transactionId))?.step;

/** Asserts that the order can still be downloaded. */
async function assertDownloadable(order: any, euicc?: Steps['euicc']): Promise<void> {
  const steps = stepsOf(server, order.matching_id, euicc);
  assert.equal((await steps.notify(await steps.install())).result, NO_CONTENT);
  assert.equal(await statusOf(server, order.sid), 'installed Installed');
}

const ERROR_CODES: Record<CancelSessionReason, string | undefined> = {
  endUserRejection: '8.8.5/3.8',
  postponed: undefined,
  timeout: undefined,
  pprNotAllowed: '8.2.8/1.2',
  metadataMismatch: '8.2.9/3.11',
  loadBppExecutionError: '8.2.10/4.2',
  undefinedReason: '8/4.2',
};

describe('§5.6.5 CancelSession', () => {
  for (const reason of Object.keys(cancelSessionReasons) as CancelSessionReason[]) {
    const errorCode = ERROR_CODES[reason];
    for (const isBound of [false, true]) {
      const when = isBound ? 'after the package was delivered' : 'before';
      test(`${reason}, ${when}: ${errorCode ? 'the order has failed' : 'the order stays'}`, async () => {
        const { order, steps } = await begun();
        if (isBound) assert.equal((await steps.getPackage()).result, SUCCESS);
        const status = await statusOf(server, order.sid);
        const { result, json } = await steps.cancel(reason);
        assert.equal(result, SUCCESS);
        assert.deepEqual(Object.keys(json), ['header']);
        assert.equal(await stepOf(steps), 'ended');
        // Repeated, it gets the same response and has no further effect.
        assert.equal((await steps.again('cancelSession')).result, SUCCESS);
        if (errorCode === undefined) {
          assert.equal(await statusOf(server, order.sid), status);
          await assertDownloadable(order, steps.euicc);
          return;
        }
        assert.equal(await statusOf(server, order.sid), 'failed Error');
        assert.equal((await stateOf(server, order.sid)).profile?.error_code, errorCode);
        const again = stepsOf(server, order.matching_id, steps.euicc);
        await again.initiate();
        assert.equal((await again.authenticate()).result, '8.2.6 / 3.8');
      });
    }
  }

  test('a reason unknown to the standard ends the order like undefinedReason', async () => {
    const { order, steps } = await begun();
    steps.misbehaviour.euiccCancelSessionSigned = (honest) => ({ ...honest, reason: 99 });
    assert.equal((await steps.cancel('postponed')).result, SUCCESS);
    assert.equal((await stateOf(server, order.sid)).profile?.error_code, '8/4.2');
  });

  test('a TransactionID in lower-case letters is the same', async () => {
    const { order, steps } = await begun();
    steps.transactionId = steps.transactionId.toLowerCase();
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
  });

  test('the following calls of the session → 8.10.1 / 3.9', async () => {
    const { steps } = await begun();
    const members = steps.prepareDownload();
    await steps.cancel('postponed');
    const late = await steps.send('getBoundProfilePackage', members);
    assert.equal(late.result, '8.10.1 / 3.9');
    assert.equal((await steps.again('authenticateClient')).result, '8.10.1 / 3.9');
  });

  test('an unknown TransactionID → 8.10.1 / 3.9', async () => {
    const { steps } = await begun();
    await steps.cancel('postponed');
    const { cancelSessionResponse } = steps.sent.cancelSession!;
    for (const transactionId of ['AB'.repeat(16), '', 'nothing']) {
      const members = { transactionId, cancelSessionResponse: cancelSessionResponse! };
      assert.equal((await steps.send('cancelSession', members)).result, '8.10.1 / 3.9');
    }
  });

  test('an expired session → 8.10.1 / 3.9, and the order stays', async () => {
    const { order, steps } = await begun();
    moveClock(server, 31 * 60 * 1000);
    try {
      assert.equal((await steps.cancel('endUserRejection')).result, '8.10.1 / 3.9');
    } finally {
      moveClock(server, 0);
    }
    assert.equal(await statusOf(server, order.sid), 'available Released');
  });
});

async function assertRefused(steps: Steps, order: any, expected: string): Promise<void> {
  assert.equal((await steps.cancel('endUserRejection')).result, expected);
  assert.equal(await stepOf(steps), 'authenticated');
  assert.equal(await statusOf(server, order.sid), 'available Released');
}

describe('§5.6.5 a forged cancellation has no effect', () => {
  for (const [title, edit] of [
    ['with a bit changed', (honest: Uint8Array) => honest.map((byte, at) => byte ^ +(at === 3))],
    ['of 63 octets', (honest: Uint8Array) => honest.slice(1)],
    ['of zeros', () => new Uint8Array(64)],
  ] as const) {
    test(`a signature ${title} → 8.1 / 6.1`, async () => {
      const { order, steps } = await begun();
      steps.misbehaviour.signature = (_name, honest) => edit(honest);
      await assertRefused(steps, order, '8.1 / 6.1');
    });
  }

  test('the signature of another eUICC → 8.1 / 6.1', async () => {
    const { order, steps } = await begun();
    const other = await begun();
    await other.steps.cancel('postponed');
    const { cancelSessionResponse } = other.steps.sent.cancelSession!;
    const { transactionId } = steps;
    const reply = await steps.send('cancelSession', {
      transactionId,
      cancelSessionResponse: cancelSessionResponse!,
    });
    assert.equal(reply.result, '8.1 / 6.1');
    assert.equal(await stepOf(steps), 'authenticated');
    await assertDownloadable(order);
  });

  test('another OID than that of this SM-DP+ → 8.8 / 3.10', async () => {
    const { order, steps } = await begun();
    steps.misbehaviour.euiccCancelSessionSigned = (honest) => ({
      ...honest,
      smdpOid: '2.5.29.17',
    });
    await assertRefused(steps, order, '8.8 / 3.10');
  });

  test('the signed TransactionID of another session → 8.10.1 / 3.9', async () => {
    const { order, steps } = await begun();
    steps.misbehaviour.euiccCancelSessionSigned = (honest) => ({
      ...honest,
      transactionId: honest.transactionId.map((byte) => byte ^ 1),
    });
    await assertRefused(steps, order, '8.10.1 / 3.9');
  });

  for (const error of ['invalidTransactionId', 'undefinedError'] as const) {
    test(`the error choice, ${error}, is not signed: it ends the session, not the order`, async () => {
      const { order, steps } = await begun();
      steps.misbehaviour.cancelSessionResponseError = error;
      assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
      assert.equal(await stepOf(steps), 'ended');
      assert.equal(await statusOf(server, order.sid), 'available Released');
      delete steps.misbehaviour.cancelSessionResponseError;
      await assertDownloadable(order);
    });

    test(`the error choice, ${error}, after the package was delivered ends nothing`, async () => {
      const { order, steps } = await begun();
      const reply = await steps.getPackage();
      const result = steps.load(reply);
      steps.misbehaviour.cancelSessionResponseError = error;
      assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
      assert.equal(await stepOf(steps), 'bound');
      await steps.notify(result);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });
  }

  test('a session before authentication: the session ends, no order is known yet', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    const members = steps.authenticateServer();
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    assert.equal((await steps.again('cancelSession')).result, SUCCESS);
    assert.equal((await steps.send('authenticateClient', members)).result, '8.10.1 / 3.9');
    assert.equal(await stepOf(steps), undefined, 'nothing is stored');
    await assertDownloadable(order);
  });
});

describe('§5.6.5 endUserRejection after a refusal, as LPAs send it, ends no order', () => {
  test('of AuthenticateClient', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    steps.misbehaviour.signature = (name, honest) =>
      name === 'euiccSignature1' ? new Uint8Array(64) : honest;
    assert.equal((await steps.authenticate()).result, '8.1 / 6.1');
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    await assertDownloadable(order);
  });

  test('of a missing confirmation code', async () => {
    const order = await orderWithCode(server, '1234');
    const steps = await stepsOf(server, order.matching_id).begin();
    steps.misbehaviour.trustsEverything = true;
    assert.equal((await steps.getPackage()).result, '8.2.7 / 2.2');
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await stepOf(steps), 'ended');
    assert.equal(await statusOf(server, order.sid), 'available Released');
  });

  test('of a wrong confirmation code', async () => {
    const order = await orderWithCode(server, '1234');
    const steps = await stepsOf(server, order.matching_id).begin();
    assert.equal((await steps.getPackage('4321')).result, '8.2.7 / 3.8');
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await statusOf(server, order.sid), 'available Released');
    const again = stepsOf(server, order.matching_id);
    await again.notify(await again.install('1234'));
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('of an eUICC that came second: the download of the first continues', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const slow = await stepsOf(server, order.matching_id).begin();
    const quick = stepsOf(server, order.matching_id);
    const result = await quick.install();
    assert.equal((await slow.getPackage()).result, '8.1.1 / 3.8');
    assert.equal((await slow.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
    await quick.notify(result);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('of an eUICC that came second, and cancels before it is told', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const slow = await stepsOf(server, order.matching_id).begin();
    const quick = stepsOf(server, order.matching_id);
    const result = await quick.install();
    assert.equal((await slow.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
    await quick.notify(result);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('of a profile that is already installed', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = await stepsOf(server, order.matching_id).begin();
    const again = stepsOf(server, order.matching_id, steps.euicc);
    const { session } = steps.euicc;
    await again.notify(await again.install());
    steps.euicc.session = session;
    assert.equal((await steps.cancel('endUserRejection')).result, SUCCESS);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });
});
