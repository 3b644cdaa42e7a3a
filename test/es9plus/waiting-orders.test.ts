// §3.1.3, §5.6.3 several orders for one EID: an interrupted eUICC gets the same profile again, and an ended order
// does not block others.
import assert from 'node:assert/strict';
import { after, afterEach, describe, test } from 'node:test';
import { downloadSteps } from '../../src/device/lpa.ts';
import type { DownloadStep } from '../../src/device/lpa.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { DOWNLOAD_LIMIT } from '../../src/smdp/download/ordered-profile.ts';
import { luhnDigit } from '../../src/rsp/identifiers.ts';
import { onEachDatabase, serverOn } from '../databases.ts';
import { errorsLogged, moveClock, NO_CONTENT, statusOf, stepsOf, SUCCESS } from './calls.ts';
import { newEid, newEuicc, newPhone } from './phone.ts';

class DropOut extends Error {}

const DAY_MS = 24 * 60 * 60 * 1_000;
const KI = '465B5CE8B199B49FAA5F0A2EE238A6BC';
const OPC = 'CD63CB71954A9F4E48A5994E37A02BAF';

onEachDatabase('several orders for one EID', (database) => {
  const running = serverOn(database, {
    es9: true,
    stock: 1,
    env: { SIMWRIGHT_ORDER_LIFETIME_DAYS: '7' },
  });
  afterEach(() => moveClock(running(), 0));
  after(() => assert.deepEqual(errorsLogged(running()), []));

  let serial = 0;

  /** An order whose ICCID sorts before, or after, all others. */
  async function orderAt(place: 'first' | 'last', eid: string): Promise<any> {
    serial += 1;
    const number = place === 'first' ? 10_000 - serial : 99_999_000_000 + serial;
    const digits = `89${place === 'first' ? '000' : '999'}${String(number).padStart(13, '0')}`;
    const line = [
      digits + luhnDigit(digits),
      `00101${String(number).padStart(10, '0').slice(-10)}`,
    ];
    const csv = `iccid,imsi,ki,opc,profile_type\n${[...line, KI, OPC, `type ${digits}`].join(',')}\n`;
    const imported = await running().request('/v1/Stock/Imports', { csv });
    assert.equal(imported.status, 200, imported.text);
    return running().order({ Eid: eid, ProfileType: `type ${digits}` });
  }

  const download = (euicc: Euicc, dropsAfter?: DownloadStep) =>
    newPhone(running(), {
      euicc,
      onStep: (step) => {
        if (step === dropsAfter) throw new DropOut();
      },
    }).downloadFromDefault();

  for (const step of downloadSteps.slice(
    downloadSteps.indexOf('authenticateClient'),
    downloadSteps.indexOf('loadBoundProfilePackage'),
  )) {
    for (const place of ['first', 'last'] as const) {
      test(`interrupted after ${step}: the same profile, although another one is now ${place}`, async () => {
        const server = running();
        const eid = newEid();
        const euicc = newEuicc(server, { eid });
        const mine = await orderAt('first', eid);
        await assert.rejects(download(euicc, step), DropOut);
        const other = await orderAt(place, eid);
        assert.equal((await download(euicc)).iccid, mine.iccid);
        assert.equal(await statusOf(server, mine.sid), 'installed Installed');
        assert.equal(await statusOf(server, other.sid), 'available Released');
        assert.equal((await download(euicc)).iccid, other.iccid);
      });
    }
  }

  test('interrupted while it loads the package: the same profile', async () => {
    const server = running();
    const eid = newEid();
    const euicc = newEuicc(server, { eid });
    const orders = [await orderAt('last', eid), await orderAt('first', eid)];
    const half = newPhone(server, {
      euicc,
      beforeSegment: (index) => {
        if (index === 3) throw new DropOut();
      },
    });
    await assert.rejects(half.downloadFromDefault(), DropOut);
    const statuses = await Promise.all(orders.map(({ sid }) => statusOf(server, sid)));
    const begun = orders[statuses.indexOf('downloaded Downloaded')];
    assert.equal((await download(euicc)).iccid, begun.iccid);
    assert.notEqual((await download(euicc)).iccid, begun.iccid);
  });

  test('interrupted, as the eUICC reports: the same profile', async () => {
    const server = running();
    const eid = newEid();
    const euicc = newEuicc(server, { eid });
    const mine = await orderAt('last', eid);
    euicc.misbehaviour.installationError = {
      bppCommandId: 'loadProfileElements',
      errorReason: 'installFailedDueToInterruption',
    };
    const steps = stepsOf(server, '', euicc);
    assert.equal((await steps.notify(await steps.install())).result, NO_CONTENT);
    delete euicc.misbehaviour.installationError;
    await orderAt('first', eid);
    assert.equal((await download(euicc)).iccid, mine.iccid);
  });

  test('a profile already on the eUICC, by its report, comes after one never downloaded', async () => {
    const server = running();
    const eid = newEid();
    const euicc = newEuicc(server, { eid });
    const mine = await orderAt('first', eid);
    // Installed, but the notification is lost.
    await stepsOf(server, '', euicc).install();
    euicc.state.notifications = [];
    const other = await orderAt('last', eid);
    const again = stepsOf(server, '', euicc);
    assert.equal((await again.notify(await again.install())).result, NO_CONTENT);
    assert.equal(await statusOf(server, mine.sid), 'downloaded Downloaded');
    assert.equal((await download(euicc)).iccid, other.iccid);
    assert.equal(await statusOf(server, mine.sid), 'downloaded Downloaded');
  });

  test('the oldest order comes first', async () => {
    const server = running();
    const eid = newEid();
    const older = await orderAt('last', eid);
    moveClock(server, DAY_MS);
    const newer = await orderAt('first', eid);
    const euicc = newEuicc(server, { eid });
    assert.equal((await download(euicc)).iccid, older.iccid);
    assert.equal((await download(euicc)).iccid, newer.iccid);
  });

  test('downloaded too often: it is told so, once, rather than given another profile in its place: 8.8.5 / 6.4', async () => {
    const server = running();
    const eid = newEid();
    const euicc = newEuicc(server, { eid });
    const tried = await orderAt('first', eid);
    const waiting = await orderAt('last', eid);
    for (let attempt = 0; attempt < DOWNLOAD_LIMIT; attempt += 1) {
      await stepsOf(server, '', euicc).begin();
    }
    const steps = stepsOf(server, '', euicc);
    assert.equal((await steps.initiate()).result, SUCCESS);
    assert.equal((await steps.authenticate()).result, '8.8.5 / 6.4');
    assert.equal(await statusOf(server, tried.sid), 'failed Error');
    assert.equal(await statusOf(server, waiting.sid), 'available Released');
    assert.equal((await download(euicc)).iccid, waiting.iccid);
  });

  describe('the first has ended, and the second is found at once', () => {
    test('when the first has expired', async () => {
      const server = running();
      const eid = newEid();
      const expired = await orderAt('first', eid);
      moveClock(server, 6 * DAY_MS);
      const waiting = await orderAt('last', eid);
      moveClock(server, 8 * DAY_MS);
      const steps = stepsOf(server, '', newEuicc(server, { eid }));
      await steps.notify(await steps.install());
      assert.equal(await statusOf(server, expired.sid), 'failed Error');
      assert.equal(await statusOf(server, waiting.sid), 'installed Installed');
    });

    test('when the first was downloaded and has expired since', async () => {
      const server = running();
      const eid = newEid();
      const euicc = newEuicc(server, { eid });
      const expired = await orderAt('first', eid);
      await stepsOf(server, '', euicc).install();
      Object.assign(euicc.state, { profiles: [], notifications: [] });
      moveClock(server, 6 * DAY_MS);
      const waiting = await orderAt('last', eid);
      moveClock(server, 8 * DAY_MS);
      const steps = stepsOf(server, '', euicc);
      await steps.notify(await steps.install());
      assert.equal(await statusOf(server, expired.sid), 'downloaded Downloaded');
      assert.equal(await statusOf(server, waiting.sid), 'installed Installed');
    });

    test('when all have expired, the refusal says so', async () => {
      const server = running();
      const eid = newEid();
      const orders = [await orderAt('first', eid), await orderAt('last', eid)];
      moveClock(server, 8 * DAY_MS);
      const steps = stepsOf(server, '', newEuicc(server, { eid }));
      assert.equal((await steps.initiate()).result, SUCCESS);
      assert.equal((await steps.authenticate()).result, '8.8.5 / 4.10');
      for (const { sid } of orders) assert.equal(await statusOf(server, sid), 'failed Error');
    });
  });
});
