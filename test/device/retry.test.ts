// A download that is interrupted and resumed later.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeviceError } from '../../src/device/device-error.ts';
import { isServerRefusal, downloadSteps } from '../../src/device/lpa.ts';
import { cancelSessionReasons } from '../../src/rsp/reasons.ts';
import { restarted, testEuicc, testPhone } from './phone.ts';
import { startSmallSmdp } from './small-smdp.ts';

class DropOut extends Error {}

describe('§5.7.5 an interrupted download', () => {
  for (const isOther of [false, true]) {
    const which = isOther ? 'another one-time key when told so' : 'the same one-time key';
    test(`resumes after a restart with ${which}`, async () => {
      await using smdp = await startSmallSmdp();
      const euicc = testEuicc(smdp.pki);
      const interrupted = testPhone(smdp, {
        euicc,
        beforeSegment: (index) => {
          if (index === 4) throw new DropOut();
        },
      });
      await assert.rejects(interrupted.download(smdp.activationCode()), DropOut);
      assert.equal(euicc.state.oneTimeKeys.length, 1);
      const again = restarted(euicc);
      again.misbehaviour.ignoresBppEuiccOtpk = isOther;
      await testPhone(smdp, { euicc: again }).download(smdp.activationCode());
      const [first, second] = smdp.log.euiccOtpks;
      assert.equal(first === second, !isOther);
      assert.ok(smdp.log.results[0]?.finalResult.successResult);
      assert.equal(again.state.profiles.length, 1);
    });
  }

  for (const step of downloadSteps.slice(0, -1)) {
    test(`after ${step} can be started again`, async () => {
      await using smdp = await startSmallSmdp();
      const euicc = testEuicc(smdp.pki);
      const phone = testPhone(smdp, {
        euicc,
        onStep: (done) => {
          if (done === step) throw new DropOut();
        },
      });
      await assert.rejects(phone.download(smdp.activationCode()), DropOut);
      const again = testPhone(smdp, { euicc: restarted(euicc) });
      if (step === 'loadBoundProfilePackage') await again.sendNotifications();
      else await again.download(smdp.activationCode());
      assert.equal(smdp.log.results.length, 1);
      assert.equal(again.euicc.state.profiles.length, 1);
      assert.deepEqual(again.euicc.state.notifications, []);
    });
  }

  test('by a lost response is repeated with the same bytes', async () => {
    await using smdp = await startSmallSmdp();
    const hooks = { losesAnswerOf: new Set(['authenticateClient', 'handleNotification'] as const) };
    await testPhone(smdp, { hooks }).download(smdp.activationCode());
    const count = (name: string) => smdp.log.calls.filter((call) => call === name).length;
    assert.equal(count('authenticateClient'), 2);
    assert.equal(count('handleNotification'), 2);
  });
});

describe('§4.7 a confirmation code', () => {
  test('that is right', async () => {
    await using smdp = await startSmallSmdp({ confirmationCode: '1234' });
    const phone = testPhone(smdp);
    await phone.download(`${smdp.activationCode()}$$1`, { confirmationCode: '1234' });
  });

  test('that is wrong is refused by the server', async () => {
    await using smdp = await startSmallSmdp({ confirmationCode: '1234' });
    const download = testPhone(smdp).download(smdp.activationCode(), { confirmationCode: '1' });
    await assert.rejects(download, (error) => {
      assert.ok(isServerRefusal(error));
      assert.deepEqual([error.subjectCode, error.reasonCode], ['8.2.7', '3.8']);
      return true;
    });
  });

  test('that is missing: nothing is sent if the activation code requires it', async () => {
    await using smdp = await startSmallSmdp({ confirmationCode: '1234' });
    const phone = testPhone(smdp);
    await assert.rejects(phone.download(`${smdp.activationCode()}$$1`), DeviceError);
    assert.deepEqual(smdp.log.calls, []);
  });

  test('§3.0.2 that is missing: the session is postponed if the server requires it', async () => {
    await using smdp = await startSmallSmdp({ confirmationCode: '1234' });
    await assert.rejects(testPhone(smdp).download(smdp.activationCode()), DeviceError);
    assert.deepEqual(smdp.log.cancelled, [cancelSessionReasons.postponed]);
  });
});

describe('§3.1.3.2, §4.1.2 the default SM-DP+', () => {
  test('is contacted without a matching ID', async () => {
    await using smdp = await startSmallSmdp();
    const phone = testPhone(smdp);
    await assert.rejects(phone.downloadFromDefault(), DeviceError);
    await phone.downloadFromDefault(smdp.address);
    assert.deepEqual(smdp.log.matchingIds, [undefined]);
  });
});

describe('§2.6.6, §6.5.1 the LPA', () => {
  test('sends its name and version', async () => {
    await using smdp = await startSmallSmdp();
    await testPhone(smdp).download(smdp.activationCode().slice('LPA:'.length));
    const [headers] = smdp.log.headers;
    assert.equal(headers?.['user-agent'], 'gsma-rsp-lpad');
    assert.equal(headers?.['x-admin-protocol'], 'gsma/rsp/v2.5.0');
    assert.equal(headers?.['content-type'], 'application/json');
  });

  test('sends nothing for an invalid activation code', async () => {
    await using smdp = await startSmallSmdp();
    await assert.rejects(testPhone(smdp).download('1$'), DeviceError);
    assert.deepEqual(smdp.log.calls, []);
  });
});
