// §5.6.2 ES9+.GetBoundProfilePackage
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CONFIRMATION_CODE_LIMIT } from '../../src/smdp/download/confirmation-code.ts';
import { BoundProfilePackage } from '../../src/rsp/definitions/bound-profile-package.ts';
import {
  PrepareDownloadResponse,
  SmdpSigned2,
} from '../../src/rsp/definitions/prepare-download.ts';
import { downloadErrorCodes } from '../../src/rsp/reasons.ts';
import type { DownloadErrorCode } from '../../src/rsp/reasons.ts';
import { createOneTimeKey } from '../../src/rsp/session-keys.ts';
import { startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import {
  errorsLogged,
  fromBase64,
  moveClock,
  NO_CONTENT,
  stateOf,
  statusOf,
  stepsOf,
  SUCCESS,
} from './calls.ts';
import type { Es9Reply, Steps } from './calls.ts';
import { orderWithCode } from './confirmation-code.ts';
import { newEuicc } from './phone.ts';

/** What the built-in SM-DP+ is asked for does not matter to it. */
const on = { subject: 'of a test', task: { kind: 'reserve' } } as const;

const CODE = '4711-x';

let server: TestServer;
/** An order that no test here downloads; refusals do not change it. */
let order: any;
before(async () => {
  server = await startTestServer({ es9: true, stock: 40 });
  order = await server.order({ GenerateMatchingId: 'true' });
});
after(async () => {
  assert.deepEqual(errorsLogged(server), []);
  await server[Symbol.asyncDispose]();
});

/** A device with an authenticated session. Each order allows a limited number of attempts. */
async function authenticated(mine?: any, euicc = newEuicc(server)): Promise<Steps> {
  const { matching_id } = mine ?? (await server.order({ GenerateMatchingId: 'true' }));
  return stepsOf(server, matching_id, euicc).begin();
}

async function assertRefused(steps: Steps, expected: string, code?: string): Promise<void> {
  const { store } = server.server.context;
  const read = () => store.orderedProfiles.findByMatchingId(steps.matchingId);
  const untouched = await read();
  assert.equal((await steps.getPackage(code)).result, expected);
  assert.deepEqual(await read(), untouched, 'nothing has changed');
}

/** The signed data of the device's last request. */
function signed2({ sent }: Steps) {
  const { prepareDownloadResponse } = sent.getBoundProfilePackage!;
  const { downloadResponseOk } = PrepareDownloadResponse.decode(
    fromBase64(prepareDownloadResponse!),
  );
  return downloadResponseOk!.euiccSigned2.value;
}

const otpkOf = ({ json }: Es9Reply) =>
  SmdpSigned2.decode(fromBase64(json.smdpSigned2)).bppEuiccOtpk;
const smdpOtpkOf = ({ json }: Es9Reply) =>
  BoundProfilePackage.decode(fromBase64(json.boundProfilePackage)).initialiseSecureChannelRequest
    .value.smdpOtpk;

describe('§5.6.2 GetBoundProfilePackage', () => {
  test('a profile whose order is cancelled during the session → 8.2 / 3.7', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = await authenticated(mine);
    const { smdp, transact } = server.server.context;
    const header = { functionRequesterIdentifier: 'operator', functionCallIdentifier: 'cancel' };
    const { iccid } = mine;
    await transact((unit) =>
      smdp(server.account.username, unit, on).cancelOrder({
        header,
        iccid,
        finalProfileStatusIndicator: 'Unavailable',
      }),
    );
    assert.equal((await steps.getPackage()).result, '8.2 / 3.7');
  });

  test('answers with a package that the eUICC installs; the order is downloaded', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const steps = await authenticated(mine);
    const reply = await steps.getPackage();
    assert.equal(reply.result, SUCCESS);
    assert.deepEqual(Object.keys(reply.json), ['header', 'transactionId', 'boundProfilePackage']);
    assert.equal(reply.json.transactionId, steps.transactionId);
    assert.equal(await statusOf(server, mine.sid), 'downloaded Downloaded');
    const { profile, subscription } = await stateOf(server, mine.sid);
    assert.deepEqual([profile?.eid, subscription?.eid], [steps.euicc.eid, steps.euicc.eid]);
    assert.equal((await steps.notify(steps.load(reply))).result, NO_CONTENT);
    assert.equal(await statusOf(server, mine.sid), 'installed Installed');
  });

  test('a TransactionID in lower-case letters is the same', async () => {
    const steps = await authenticated();
    const { prepareDownloadResponse } = steps.prepareDownload();
    const reply = await steps.send('getBoundProfilePackage', {
      transactionId: steps.transactionId.toLowerCase(),
      prepareDownloadResponse: prepareDownloadResponse!,
    });
    assert.equal(reply.result, SUCCESS);
  });

  test('an unknown TransactionID → 8.10.1 / 3.9', async () => {
    const steps = await authenticated();
    const { prepareDownloadResponse } = steps.prepareDownload();
    for (const transactionId of ['AB'.repeat(16), '', 'no TransactionID']) {
      const reply = await steps.send('getBoundProfilePackage', {
        transactionId,
        prepareDownloadResponse: prepareDownloadResponse!,
      });
      assert.equal(reply.result, '8.10.1 / 3.9');
    }
  });

  test('before AuthenticateClient → 8.10.1 / 3.9', async () => {
    const earlier = await authenticated();
    const { prepareDownloadResponse } = earlier.prepareDownload();
    const steps = stepsOf(server, order.matching_id);
    await steps.initiate();
    const reply = await steps.send('getBoundProfilePackage', {
      transactionId: steps.transactionId,
      prepareDownloadResponse: prepareDownloadResponse!,
    });
    assert.equal(reply.result, '8.10.1 / 3.9');
  });

  test('an expired session → 8.10.1 / 3.9', async () => {
    const steps = await authenticated();
    moveClock(server, 31 * 60 * 1000);
    try {
      await assertRefused(steps, '8.10.1 / 3.9');
    } finally {
      moveClock(server, 0);
    }
  });

  for (const code of Object.keys(downloadErrorCodes) as DownloadErrorCode[]) {
    test(`DownloadErrorCode ${code} ends the session, not the order → 8.1 / 6.1`, async () => {
      const steps = await authenticated(code === 'invalidCertificate' ? order : undefined);
      steps.misbehaviour.downloadErrorCode = code;
      await assertRefused(steps, '8.1 / 6.1');
      assert.equal((await steps.again('getBoundProfilePackage')).result, '8.10.1 / 3.9');
      const again = await authenticated({ matching_id: steps.matchingId }, newEuicc(server));
      assert.equal(again.matchingId, steps.matchingId);
    });
  }

  test('a DownloadErrorCode of another session ends none → 8.10.1 / 3.9', async () => {
    const victim = await authenticated();
    const steps = await authenticated();
    steps.misbehaviour.downloadErrorCode = 'invalidSignature';
    const { prepareDownloadResponse } = steps.prepareDownload();
    const forged = {
      ...victim.prepareDownload(),
      prepareDownloadResponse: prepareDownloadResponse!,
    };
    assert.equal(
      (await victim.send('getBoundProfilePackage', forged as Record<string, string>)).result,
      '8.10.1 / 3.9',
    );
    assert.equal((await victim.getPackage()).result, SUCCESS);
  });

  for (const [title, edit] of [
    ['with a bit changed', (honest: Uint8Array) => honest.map((byte, at) => byte ^ +(at === 40))],
    ['of 63 octets', (honest: Uint8Array) => honest.slice(1)],
    ['of zeros', () => new Uint8Array(64)],
    ['that is empty', () => new Uint8Array()],
  ] as const) {
    test(`euiccSignature2 ${title} → 8.1 / 6.1; the right one is then accepted`, async () => {
      const steps = await authenticated();
      steps.misbehaviour.signature = (_name, honest) => edit(honest);
      await assertRefused(steps, '8.1 / 6.1');
      delete steps.misbehaviour.signature;
      assert.equal((await steps.getPackage()).result, SUCCESS);
    });
  }

  test('euiccSignature2 of another eUICC → 8.1 / 6.1', async () => {
    const [steps, other] = [await authenticated(), await authenticated()];
    const { prepareDownloadResponse } = other.prepareDownload();
    const reply = await steps.send('getBoundProfilePackage', {
      transactionId: steps.transactionId,
      prepareDownloadResponse: prepareDownloadResponse!,
    });
    assert.equal(reply.result, '8.1 / 6.1');
  });

  test('the signed TransactionID of another session → 8.10.1 / 3.9', async () => {
    const steps = await authenticated();
    steps.misbehaviour.euiccSigned2 = (honest) => ({
      ...honest,
      transactionId: honest.transactionId.map((byte) => byte ^ 1),
    });
    await assertRefused(steps, '8.10.1 / 3.9');
  });

  const offCurve = Uint8Array.of(4, ...new Uint8Array(63).fill(1), 2);
  for (const [title, edit] of [
    ['that is empty', () => new Uint8Array()],
    ['of one octet', () => Uint8Array.of(0)],
    ['that is not a point of the curve', () => offCurve],
    ['in compressed form', (honest: Uint8Array) => Uint8Array.of(2, ...honest.slice(1, 33))],
    ['with an octet too many', (honest: Uint8Array) => Uint8Array.of(...honest, 0)],
    ['of another curve', () => createOneTimeKey('brainpoolP256r1').otpk],
  ] as const) {
    test(`euiccOtpk ${title} → 8.1 / 6.1`, async () => {
      const steps = await authenticated();
      steps.misbehaviour.euiccSigned2 = (honest) => ({
        ...honest,
        euiccOtpk: edit(honest.euiccOtpk),
      });
      await assertRefused(steps, '8.1 / 6.1');
    });
  }
});

describe('§5.6.2 the confirmation code', () => {
  test('the right one', async () => {
    const mine = await orderWithCode(server, CODE);
    const steps = stepsOf(server, mine.matching_id);
    await steps.notify(await steps.install(CODE));
    assert.equal(await statusOf(server, mine.sid), 'installed Installed');
  });

  test('is required by ccRequiredFlag', async () => {
    const mine = await orderWithCode(server, CODE);
    const steps = stepsOf(server, mine.matching_id);
    await steps.initiate();
    const { json } = await steps.authenticate();
    assert.equal(SmdpSigned2.decode(fromBase64(json.smdpSigned2)).ccRequiredFlag, true);
  });

  test('missing → 8.2.7 / 2.2, not counted', async () => {
    const mine = await orderWithCode(server, CODE);
    const steps = await authenticated(mine);
    steps.misbehaviour.trustsEverything = true;
    await assertRefused(steps, '8.2.7 / 2.2');
    assert.equal(signed2(steps).hashCc, undefined);
    assert.equal((await steps.getPackage(CODE)).result, SUCCESS);
  });

  test('wrong → 8.2.7 / 3.8; the right one is then accepted in the same session', async () => {
    const mine = await orderWithCode(server, CODE);
    const steps = await authenticated(mine);
    assert.equal((await steps.getPackage('wrong')).result, '8.2.7 / 3.8');
    assert.equal((await steps.getPackage(CODE)).result, SUCCESS);
    assert.equal(await statusOf(server, mine.sid), 'downloaded Downloaded');
  });

  test('wrong, repeated after a lost response, is counted once', async () => {
    const mine = await orderWithCode(server, CODE);
    const steps = await authenticated(mine);
    for (let time = 0; time <= CONFIRMATION_CODE_LIMIT; time += 1) {
      const reply = await (time === 0
        ? steps.getPackage('wrong')
        : steps.again('getBoundProfilePackage'));
      assert.equal(reply.result, '8.2.7 / 3.8');
    }
    const { subscription } = await stateOf(server, mine.sid);
    assert.equal(subscription?.confirmation_code_attempts, 1);
  });

  test('a hash of another session → 8.2.7 / 3.8', async () => {
    const mine = await orderWithCode(server, CODE);
    const [steps, other] = [await authenticated(mine), await authenticated(mine)];
    other.prepareDownload(CODE);
    assert.equal((await other.getPackage('wrong')).result, '8.2.7 / 3.8');
    await other.getPackage('another');
    const hashCc = signed2(other).hashCc!;
    steps.misbehaviour.euiccSigned2 = (honest) => ({ ...honest, hashCc });
    assert.equal((await steps.getPackage(CODE)).result, '8.2.7 / 3.8');
  });

  test(`wrong for the ${CONFIRMATION_CODE_LIMIT}th time, over all sessions → 8.2.7 / 6.4, and the order has failed`, async () => {
    const mine = await orderWithCode(server, CODE);
    const [waiting, careless] = [await authenticated(mine), await authenticated(mine)];
    careless.misbehaviour.trustsEverything = true;
    for (let attempt = 1; attempt < CONFIRMATION_CODE_LIMIT; attempt += 1) {
      const steps = await authenticated(mine);
      assert.equal((await steps.getPackage(`wrong ${attempt}`)).result, '8.2.7 / 3.8');
      assert.equal(await statusOf(server, mine.sid), 'available Released');
    }
    const last = await authenticated(mine);
    assert.equal((await last.getPackage('wrong')).result, '8.2.7 / 6.4');
    assert.equal(await statusOf(server, mine.sid), 'failed Error');
    const { profile, subscription } = await stateOf(server, mine.sid);
    assert.equal(profile?.error_code, '8.2.7/6.4');
    assert.equal(subscription?.confirmation_code_attempts, CONFIRMATION_CODE_LIMIT);
    // Then the right one is refused, too.
    assert.equal((await last.again('getBoundProfilePackage')).result, '8.2.7 / 6.4');
    await assertRefused(waiting, '8.2.7 / 6.4', CODE);
    // The clause checks for a missing one first.
    await assertRefused(careless, '8.2.7 / 2.2');
    const late = stepsOf(server, mine.matching_id);
    await late.initiate();
    assert.equal((await late.authenticate()).result, '8.2.6 / 3.8');
  });

  test('many wrong ones at once are counted up to the limit, not beyond', async () => {
    const mine = await orderWithCode(server, CODE);
    const steps = await authenticated(mine);
    const requests = Array.from({ length: 12 }, (_, index) =>
      steps.prepareDownload(`wrong ${index}`),
    );
    const replies = await Promise.all(
      requests.map((members) => steps.send('getBoundProfilePackage', members)),
    );
    const results = Map.groupBy(replies, ({ result }) => result);
    assert.equal(results.get('8.2.7 / 3.8')?.length, CONFIRMATION_CODE_LIMIT - 1);
    assert.equal(results.get('8.2.7 / 6.4')?.length, 12 - CONFIRMATION_CODE_LIMIT + 1);
    assert.equal(await statusOf(server, mine.sid), 'failed Error');
  });

  test('an eUICC that came too late cannot use up the attempts of the one with the profile', async () => {
    const mine = await orderWithCode(server, CODE);
    const late = await authenticated(mine);
    const holder = stepsOf(server, mine.matching_id);
    const installed = await holder.install(CODE);
    for (let attempt = 0; attempt <= CONFIRMATION_CODE_LIMIT; attempt += 1) {
      await assertRefused(late, '8.1.1 / 3.8', `wrong ${attempt}`);
    }
    await holder.notify(installed);
    assert.equal(await statusOf(server, mine.sid), 'installed Installed');
  });
});

describe('§2.6.5 the one-time keys of a retried download', () => {
  test('the eUICC is offered its previous key; with it, the server’s key is also the same', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server);
    const first = await authenticated(mine, euicc);
    const one = await first.getPackage();
    const { euiccOtpk } = signed2(first);

    const second = stepsOf(server, mine.matching_id, euicc);
    await second.initiate();
    const reply = await second.authenticate();
    assert.deepEqual(otpkOf(reply), euiccOtpk);
    const two = await second.getPackage();
    assert.equal(two.result, SUCCESS);
    assert.deepEqual(signed2(second).euiccOtpk, euiccOtpk);
    assert.deepEqual(smdpOtpkOf(two), smdpOtpkOf(one));
    assert.notEqual(two.json.boundProfilePackage, one.json.boundProfilePackage);
    await second.notify(second.load(two));
    assert.equal(await statusOf(server, mine.sid), 'installed Installed');
  });

  test('an eUICC that makes a new key gets the profile bound again, under another key', async () => {
    const mine = await server.order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server);
    const first = await authenticated(mine, euicc);
    const one = await first.getPackage();
    euicc.misbehaviour.ignoresBppEuiccOtpk = true;
    const second = await authenticated(mine, euicc);
    const two = await second.getPackage();
    assert.equal(two.result, SUCCESS);
    assert.notDeepEqual(signed2(second).euiccOtpk, signed2(first).euiccOtpk);
    assert.notDeepEqual(smdpOtpkOf(two), smdpOtpkOf(one));
    await second.notify(second.load(two));
    assert.equal(await statusOf(server, mine.sid), 'installed Installed');
  });
});

test('§5.3.5 an order unknown to the operator is delivered as ordered', async () => {
  const { context } = server.server;
  const { username: accountSid } = server.account;
  const { iccid, matchingId } = await context.transact(async (unit) => {
    const smdp = context.smdp(accountSid, unit, on);
    const header = { functionRequesterIdentifier: accountSid, functionCallIdentifier: 'theirs' };
    const ordered = await smdp.downloadOrder({ header });
    const confirmed = await smdp.confirmOrder({ header, ...ordered, releaseFlag: true });
    return { ...ordered, ...confirmed };
  });
  const steps = stepsOf(server, matchingId);
  assert.equal((await steps.notify(await steps.install())).result, NO_CONTENT);
  assert.equal((await context.store.subscriptions.find(accountSid, iccid))?.state, 'Installed');
});
