// §5.6.4 ES9+.HandleNotification
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deleteProfile } from '../../src/device/deleteProfile.ts';
import { disableProfile } from '../../src/device/disableProfile.ts';
import { enableProfile } from '../../src/device/enableProfile.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import {
  DeleteProfileRequest,
  DisableProfileRequest,
  EnableProfileRequest,
} from '../../src/rsp/definitions/local-functions.ts';
import {
  NotificationMetadata,
  OtherSignedNotification,
  ProfileInstallationResult,
} from '../../src/rsp/definitions/notification.ts';
import { encoded } from '../../src/rsp/encoded.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { bppCommandIds, errorReasons } from '../../src/rsp/reasons.ts';
import type { ErrorReason } from '../../src/rsp/reasons.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import type { TestServer } from '../server.ts';
import { startTestServer } from '../server.ts';
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
import type { Steps } from './calls.ts';
import { newEid, newEuicc } from './phone.ts';
import {
  credentialOf,
  EXPIRED,
  issueEuicc,
  issueEum,
  otherCi,
  ownHolder,
} from './wrong-certificates.ts';

const newOrder = (server: TestServer) => server.order({ GenerateMatchingId: 'true' });

/** A loaded profile whose result is not yet sent. */
async function loaded(server: TestServer, misbehaviour: Euicc['misbehaviour'] = {}) {
  const order = await newOrder(server);
  const euicc = newEuicc(server, { options: { misbehaviour } });
  const steps = stepsOf(server, order.matching_id, euicc);
  return { order, steps, result: await steps.install() };
}

/** Asserts that a notification changes nothing but the log. */
async function assertIgnored(
  server: TestServer,
  steps: Steps,
  sid: string,
  notification: Uint8Array,
): Promise<void> {
  const untouched = [await stateOf(server, sid), await eventsOf(server, sid)];
  assert.equal((await steps.notify(notification)).result, NO_CONTENT);
  assert.deepEqual([await stateOf(server, sid), await eventsOf(server, sid)], untouched);
}

/** Causes in the history, oldest first. */
async function eventsOf(server: TestServer, sid: string): Promise<string[]> {
  const { json } = await server.request(`/v1/ESimProfiles/${sid}/Events`);
  return json.events.map(({ cause }: any) => cause as string).toReversed();
}

/** What an eUICC sends if the metadata names our address for installations; it is the same each time. */
function installNotification(euicc: Euicc, iccid: string): Uint8Array {
  const [credential] = euicc.credentials;
  const { signer, euiccCertificate, eumCertificate } = credential!;
  const tbsOtherNotification = encoded(NotificationMetadata, {
    seqNumber: 900,
    profileManagementOperation: ['notificationInstall'],
    notificationAddress: 'localhost',
    iccid: encodeIccid(iccid),
  });
  const { der } = tbsOtherNotification;
  return OtherSignedNotification.encode({
    tbsOtherNotification,
    euiccNotificationSignature: signer.sign(der),
    euiccCertificate,
    eumCertificate,
  });
}

onEachDatabase('§5.6.4, §3.5 HandleNotification', (database) => {
  const running = serverOn(database, { es9: true, stock: 30 });
  after(() => assert.deepEqual(errorsLogged(running()), []));

  test('success: the profile is installed, in the API and in the history', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    await assertIgnored(server, steps, order.sid, result);
  });

  test('late: after the session has expired, and after a restart of the server', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    await server.restart();
    moveClock(server, 90 * 86_400_000);
    try {
      assert.equal((await steps.notify(result)).result, NO_CONTENT);
    } finally {
      moveClock(server, 0);
    }
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('the same one, concurrently repeated, counts once', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    const replies = await Promise.all(Array.from({ length: 6 }, () => steps.notify(result)));
    assert.ok(replies.every((reply) => reply.result === NO_CONTENT));
    const events = await eventsOf(server, order.sid);
    assert.equal(events.filter((cause) => cause === 'installed on the device').length, 1);
  });

  test('§5.3.5 enable, disable and delete go into the history, each once', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    await steps.notify(result);
    const { euicc } = steps;
    const profileIdentifier = { iccid: encodeIccid(order.iccid) };
    enableProfile(euicc, EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }));
    disableProfile(euicc, DisableProfileRequest.encode({ profileIdentifier, refreshFlag: false }));
    deleteProfile(euicc, DeleteProfileRequest.encode(profileIdentifier));
    const pending = euicc.state.notifications.filter(
      ({ event }) => event !== 'notificationInstall',
    );
    assert.equal(pending.length, 3);
    for (const { pendingNotification } of [...pending, ...pending]) {
      assert.equal((await steps.notify(fromBase64(pendingNotification))).result, NO_CONTENT);
    }
    assert.deepEqual((await eventsOf(server, order.sid)).slice(-3), [
      'enabled on the device',
      'disabled on the device',
      'deleted on the device',
    ]);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('enabled before its installation was reported: it is installed', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    const profileIdentifier = { iccid: encodeIccid(order.iccid) };
    enableProfile(
      steps.euicc,
      EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }),
    );
    const enabled = steps.euicc.state.notifications.at(-1)!;
    assert.equal(enabled.event, 'notificationEnable');
    await steps.notify(fromBase64(enabled.pendingNotification));
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    // The result that follows has no further effect.
    await steps.notify(result);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('§3.5 an install notification in addition to the result goes into the history, once', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    await steps.notify(result);
    await steps.notify(installNotification(steps.euicc, order.iccid));
    assert.deepEqual((await eventsOf(server, order.sid)).slice(-2), [
      'installed on the device',
      'installed on the device',
    ]);
    await assertIgnored(server, steps, order.sid, installNotification(steps.euicc, order.iccid));
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('§3.5 an install notification without the result: the profile is installed', async () => {
    const server = running();
    const { order, steps, result } = await loaded(server);
    const notification = installNotification(steps.euicc, order.iccid);
    assert.equal((await steps.notify(notification)).result, NO_CONTENT);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    await steps.notify(result);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
    const events = await eventsOf(server, order.sid);
    assert.equal(events.filter((cause) => cause === 'installed on the device').length, 1);
  });

  for (const seqNumber of [0, 2 ** 31, 2 ** 40, -1]) {
    test(`sequence number ${seqNumber}`, async () => {
      const server = running();
      const { order, steps, result } = await loaded(server, {
        profileInstallationResultData: (honest) => ({
          ...honest,
          notificationMetadata: { ...honest.notificationMetadata, seqNumber },
        }),
      });
      assert.equal((await steps.notify(result)).result, NO_CONTENT);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });
  }
});

describe('§2.5.6 error results', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ es9: true, stock: 40 });
  });
  after(async () => {
    assert.deepEqual(errorsLogged(server), []);
    await server[Symbol.asyncDispose]();
  });

  const retryable: ErrorReason[] = [
    'installFailedDueToInsufficientMemoryForProfile',
    'installFailedDueToInterruption',
  ];
  for (const errorReason of Object.keys(errorReasons) as ErrorReason[]) {
    const mayRetry = retryable.includes(errorReason);
    test(`${errorReason} → ${mayRetry ? 'may be retried' : 'failed'}`, async () => {
      const installationError = { bppCommandId: 'loadProfileElements', errorReason } as const;
      const { order, steps, result } = await loaded(server, { installationError });
      assert.equal((await steps.notify(result)).result, NO_CONTENT);
      const { profile } = await stateOf(server, order.sid);
      const events = await eventsOf(server, order.sid);
      assert.equal(events.at(-1), 'installation failed on the device');
      if (mayRetry) {
        assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
        delete steps.misbehaviour.installationError;
        const again = stepsOf(server, order.matching_id, steps.euicc);
        await again.notify(await again.install());
        assert.equal(await statusOf(server, order.sid), 'installed Installed');
        return;
      }
      assert.equal(await statusOf(server, order.sid), 'failed Error');
      assert.equal(
        profile?.error_code,
        `${bppCommandIds.loadProfileElements}/${errorReasons[errorReason]}`,
      );
      assert.match(profile.error_message ?? '', new RegExp(errorReason));
      const again = stepsOf(server, order.matching_id, steps.euicc);
      await again.initiate();
      assert.equal((await again.authenticate()).result, '8.2.6 / 3.8');
    });
  }

  describe('installFailedDueToIccidAlreadyExistsOnEuicc after a download that was installed', () => {
    /** Downloaded twice by one eUICC, which has reported neither result. */
    async function loadedTwice() {
      const first = await loaded(server);
      const steps = stepsOf(server, first.order.matching_id, first.steps.euicc);
      return { ...first, steps, again: await steps.install() };
    }

    test('→ stays downloaded, and the lost result makes it installed', async () => {
      const { order, steps, result, again } = await loadedTwice();
      assert.equal((await steps.notify(again)).result, NO_CONTENT);
      assert.equal(await statusOf(server, order.sid), 'downloaded Downloaded');
      const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/Events`);
      const [{ type, status, cause, detail }] = json.events;
      assert.deepEqual(
        [type, status, cause],
        ['notification', 'downloaded', 'already on the device'],
      );
      assert.match(detail, /^\w+: installFailedDueToIccidAlreadyExistsOnEuicc$/);
      await assertIgnored(server, steps, order.sid, again);
      await steps.notify(result);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });

    test('→ stays downloaded, and an enable notification makes it installed', async () => {
      const { order, steps, again } = await loadedTwice();
      await steps.notify(again);
      const profileIdentifier = { iccid: encodeIccid(order.iccid) };
      const request = EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false });
      enableProfile(steps.euicc, request);
      const { pendingNotification } = steps.euicc.state.notifications.at(-1)!;
      await steps.notify(fromBase64(pendingNotification));
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });

    test('→ stays downloaded, until the lost result reports a failure', async () => {
      const { order, steps, result, again } = await loadedTwice();
      const { profileInstallationResultData: honest } = ProfileInstallationResult.decode(result);
      await steps.notify(again);
      // Both found a profile that was there before.
      const forged = await loaded(server, {
        credential: steps.euicc.credentials[0]!,
        profileInstallationResultData: () => ({
          ...honest.value,
          finalResult: { errorResult: { bppCommandId: 2, errorReason: 9 } },
        }),
      });
      await steps.notify(forged.result);
      assert.equal(await statusOf(server, order.sid), 'failed Error');
      assert.equal((await stateOf(server, order.sid)).profile?.error_code, '2/9');
    });

    test('of the first download → failed: the installed profile is another one', async () => {
      const first = await loaded(server, {
        installationError: {
          bppCommandId: 'storeMetadata',
          errorReason: 'installFailedDueToIccidAlreadyExistsOnEuicc',
        },
      });
      await first.steps.notify(first.result);
      assert.equal(await statusOf(server, first.order.sid), 'failed Error');
    });
  });

  test('a reason unknown to the standard → failed', async () => {
    const { order, steps, result } = await loaded(server, {
      profileInstallationResultData: (honest) => ({
        ...honest,
        finalResult: { errorResult: { bppCommandId: 77, errorReason: 99 } },
      }),
    });
    await steps.notify(result);
    assert.equal(await statusOf(server, order.sid), 'failed Error');
    assert.equal((await stateOf(server, order.sid)).profile?.error_code, '77/99');
  });
});

describe('§5.6.4 a forged or unrelated result has no effect', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer({ es9: true, stock: 40 });
  });
  after(async () => {
    assert.deepEqual(errorsLogged(server), []);
    await server[Symbol.asyncDispose]();
  });

  for (const [title, edit] of [
    ['with a bit changed', (honest: Uint8Array) => honest.map((byte, at) => byte ^ +(at === 3))],
    ['of 63 octets', (honest: Uint8Array) => honest.slice(1)],
    ['of zeros', () => new Uint8Array(64)],
  ] as const) {
    test(`euiccSignPIR ${title}; the right one is then accepted`, async () => {
      const { order, steps, result } = await loaded(server);
      const decoded = ProfileInstallationResult.decode(result);
      const euiccSignPIR = edit(decoded.euiccSignPIR);
      const forged = ProfileInstallationResult.encode({ ...decoded, euiccSignPIR });
      await assertIgnored(server, steps, order.sid, forged);
      await steps.notify(result);
      assert.equal(await statusOf(server, order.sid), 'installed Installed');
    });
  }

  test('an error result with the signature of a success', async () => {
    const { order, steps, result } = await loaded(server);
    const error = await loaded(server, {
      installationError: {
        bppCommandId: 'loadProfileElements',
        errorReason: 'installFailedDueToDataMismatch',
      },
    });
    const { euiccSignPIR } = ProfileInstallationResult.decode(result);
    const { profileInstallationResultData } = ProfileInstallationResult.decode(error.result);
    const forged = ProfileInstallationResult.encode({
      profileInstallationResultData,
      euiccSignPIR,
    });
    await assertIgnored(server, steps, error.order.sid, forged);
    await assertIgnored(server, steps, order.sid, forged);
  });

  test('a result about another ICCID', async () => {
    const other = await newOrder(server);
    const { order, steps, result } = await loaded(server, {
      profileInstallationResultData: (honest) => ({
        ...honest,
        notificationMetadata: { ...honest.notificationMetadata, iccid: encodeIccid(other.iccid) },
      }),
    });
    await assertIgnored(server, steps, order.sid, result);
    await assertIgnored(server, steps, other.sid, result);
  });

  test('a result about another SM-DP+', async () => {
    const { order, steps, result } = await loaded(server, {
      profileInstallationResultData: (honest) => ({ ...honest, smdpOid: '2.999.10.2' }),
    });
    await assertIgnored(server, steps, order.sid, result);
  });

  test('a result of an unknown session', async () => {
    const { order, steps, result } = await loaded(server, {
      profileInstallationResultData: (honest) => ({
        ...honest,
        transactionId: honest.transactionId.map((byte) => byte ^ 1),
      }),
    });
    await assertIgnored(server, steps, order.sid, result);
  });

  test('a result of an unbound session, although another eUICC’s was bound', async () => {
    const order = await newOrder(server);
    const loser = await stepsOf(server, order.matching_id).begin();
    const { transactionId } = loser;
    const holder = stepsOf(server, order.matching_id);
    const honest = await holder.install();
    for (const finalResult of [
      { successResult: { aid: new Uint8Array(16), simaResponse: new Uint8Array() } },
      { errorResult: { bppCommandId: 5, errorReason: 13 } },
    ]) {
      const forger = await loaded(server, {
        credential: loser.euicc.credentials[0]!,
        profileInstallationResultData: (data) => ({
          ...data,
          transactionId: Uint8Array.from(Buffer.from(transactionId, 'hex')),
          notificationMetadata: { ...data.notificationMetadata, iccid: encodeIccid(order.iccid) },
          finalResult,
        }),
      });
      await assertIgnored(server, loser, order.sid, forger.result);
    }
    await holder.notify(honest);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('a signature rewritten, (r, n − s), does not make it another notification', async () => {
    const { order, steps, result } = await loaded(server, {
      installationError: {
        bppCommandId: 'loadProfileElements',
        errorReason: 'installFailedDueToInterruption',
      },
    });
    await steps.notify(result);
    const decoded = ProfileInstallationResult.decode(result);
    const n = BigInt('0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551');
    const s = BigInt(`0x${Buffer.from(decoded.euiccSignPIR.slice(32)).toString('hex')}`);
    const rewritten = Buffer.concat([
      decoded.euiccSignPIR.slice(0, 32),
      Buffer.from((n - s).toString(16).padStart(64, '0'), 'hex'),
    ]);
    const again = ProfileInstallationResult.encode({ ...decoded, euiccSignPIR: rewritten });
    await assertIgnored(server, steps, order.sid, again);
  });

  describe('§5.6.4 other notifications', () => {
    let order: any;
    let steps: Steps;
    /** An acceptable one. */
    let enabled: OtherSignedNotification;
    before(async () => {
      const installed = await loaded(server);
      ({ order, steps } = installed);
      await steps.notify(installed.result);
      const profileIdentifier = { iccid: encodeIccid(order.iccid) };
      enableProfile(
        steps.euicc,
        EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }),
      );
      const { pendingNotification } = steps.euicc.state.notifications.at(-1)!;
      enabled = OtherSignedNotification.decode(fromBase64(pendingNotification));
    });

    test('a wrong signature', async () => {
      const euiccNotificationSignature = enabled.euiccNotificationSignature.map((byte) => byte ^ 1);
      const forged = OtherSignedNotification.encode({ ...enabled, euiccNotificationSignature });
      await assertIgnored(server, steps, order.sid, forged);
    });

    for (const [title, chainOf] of [
      ['another eUICC', () => newEuicc(server).credentials[0]!],
      [
        'the same EID under a CI that is not ours',
        () => {
          const eum = issueEum(otherCi());
          return credentialOf(issueEuicc(eum, steps.euicc.eid), eum);
        },
      ],
      [
        'the same EID with an expired certificate',
        () => {
          const eum = ownHolder(server, 'eum');
          return credentialOf(issueEuicc(eum, steps.euicc.eid, EXPIRED), eum);
        },
      ],
    ] as const) {
      test(`signed by ${title}`, async () => {
        const { signer, euiccCertificate, eumCertificate } = chainOf();
        const forged = OtherSignedNotification.encode({
          tbsOtherNotification: enabled.tbsOtherNotification,
          euiccNotificationSignature: signer.sign(enabled.tbsOtherNotification.der),
          euiccCertificate,
          eumCertificate,
        });
        await assertIgnored(server, steps, order.sid, forged);
      });
    }

    test('of a profile only ordered for this EID', async () => {
      const eid = newEid();
      const waiting = await server.order({ Eid: eid });
      const euicc = newEuicc(server, { eid });
      const mine = await loaded(server);
      mine.steps.misbehaviour.credential = euicc.credentials[0]!;
      mine.steps.misbehaviour.notificationMetadata = (honest) => ({
        ...honest,
        iccid: encodeIccid(waiting.iccid),
      });
      const profileIdentifier = { iccid: encodeIccid(mine.order.iccid) };
      enableProfile(
        mine.steps.euicc,
        EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }),
      );
      const { pendingNotification } = mine.steps.euicc.state.notifications.at(-1)!;
      await assertIgnored(server, mine.steps, waiting.sid, fromBase64(pendingNotification));
    });

    test('the right one is accepted after all these', async () => {
      const reply = await steps.notify(OtherSignedNotification.encode(enabled));
      assert.equal(reply.result, NO_CONTENT);
      assert.equal((await eventsOf(server, order.sid)).at(-1), 'enabled on the device');
    });
  });

  test('a result that arrives before the response with its package was read is accepted', async () => {
    const { order, steps, result } = await loaded(server);
    assert.equal((await steps.again('getBoundProfilePackage')).result, SUCCESS);
    await steps.notify(result);
    assert.equal((await steps.again('getBoundProfilePackage')).result, '8.10.1 / 3.9');
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });
});
