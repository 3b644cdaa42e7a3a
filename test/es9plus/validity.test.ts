// §4.5, §5.6: certificates and CRLs are checked when they are used, not only at the start.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, test } from 'node:test';
import { disableProfile } from '../../src/device/disableProfile.ts';
import { enableProfile } from '../../src/device/enableProfile.ts';
import { insertPoint } from '../../src/smdp/crls/crl-points.ts';
import { ciPKIdHexOf } from '../../src/smdp/pki/pki-certificate.ts';
import { importPki } from '../../src/smdp/pki/pki-import.ts';
import { issueCrl } from '../../src/rsp/certificate-issue.ts';
import {
  DisableProfileRequest,
  EnableProfileRequest,
} from '../../src/rsp/definitions/local-functions.ts';
import { encodeIccid } from '../../src/rsp/identifiers.ts';
import { pkiWarner } from '../../src/smdp/pki/pki-warnings.ts';
import { eventually, startTestServer } from '../server.ts';
import type { TestServer } from '../server.ts';
import { errorsLogged, moveClock, NO_CONTENT, statusOf, stepsOf, SUCCESS } from './calls.ts';
import { newEuicc } from './phone.ts';
import { ownHolder } from './wrong-certificates.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const YEAR_MS = 366 * DAY_MS;

async function serverWith(env: Record<string, string> = {}): Promise<TestServer> {
  return startTestServer({ es9: true, stock: 10, env });
}

describe('§4.5 certificates that expire while the server runs', () => {
  let server: TestServer;
  before(async () => {
    server = await serverWith();
  });
  afterEach(() => moveClock(server, 0));
  after(async () => {
    assert.deepEqual(errorsLogged(server), []);
    await server[Symbol.asyncDispose]();
  });

  /** Just before DPauth and DPpb expire, after ten years. */
  const lastMinute = () => {
    const { dpAuth } = server.server.context.pki.identities[0]!;
    return dpAuth.certificate.notAfter.getTime() - Date.now() - 60_000;
  };

  test('DPauth and DPpb: no new sessions → 8.8.4 / 3.7, until there are new certificates', async () => {
    const initiate = async () => (await stepsOf(server, '').initiate()).result;
    assert.equal(await initiate(), SUCCESS);
    moveClock(server, 11 * YEAR_MS);
    assert.equal(await initiate(), '8.8.4 / 3.7');
    moveClock(server, 0);
    assert.equal(await initiate(), SUCCESS);
  });

  test('DPpb in the middle of a session → 8.8.4 / 3.7', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const euicc = newEuicc(server);
    moveClock(server, lastMinute());
    const late = stepsOf(server, order.matching_id, euicc);
    await late.initiate();
    const steps = await stepsOf(server, order.matching_id, euicc).begin();
    const prepared = steps.prepareDownload();
    moveClock(server, lastMinute() + 120_000);
    assert.equal((await steps.send('getBoundProfilePackage', prepared)).result, '8.8.4 / 3.7');
    assert.equal(await statusOf(server, order.sid), 'available Released');
  });

  test('a notification after they have expired is accepted', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    const result = await steps.install();
    moveClock(server, 11 * YEAR_MS);
    assert.equal((await steps.notify(result)).result, NO_CONTENT);
    assert.equal(await statusOf(server, order.sid), 'installed Installed');
  });

  test('the CI of an EUM accepted before: notifications of its eUICCs are no longer accepted', async () => {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.notify(await steps.install());
    const { euicc } = steps;
    const profileIdentifier = { iccid: encodeIccid(order.iccid) };
    const codes: unknown[] = [];
    const request = { profileIdentifier, refreshFlag: false };
    for (const [change, years] of [
      [() => enableProfile(euicc, EnableProfileRequest.encode(request)), 0],
      [() => disableProfile(euicc, DisableProfileRequest.encode(request)), 36],
    ] as const) {
      change();
      const { pendingNotification } = euicc.state.notifications.at(-1)!;
      moveClock(server, years * YEAR_MS);
      const notification = Uint8Array.fromBase64(pendingNotification);
      assert.equal((await steps.notify(notification)).result, NO_CONTENT);
      // Behind it, a job may have said something.
      const lines = server.logged.map((line) => JSON.parse(line) as { code?: unknown });
      codes.push(lines.findLast((line) => 'code' in line)!.code);
    }
    assert.deepEqual(codes, [null, '8.1.2/6.3']);
  });
});

describe('§3.5, §5.6.4 the LPA keeps a notification whose eUICC', () => {
  /** Enables an installed profile. @returns sends its notification, and how often the history has it */
  async function enabled(server: TestServer) {
    const order = await server.order({ GenerateMatchingId: 'true' });
    const steps = stepsOf(server, order.matching_id);
    await steps.notify(await steps.install());
    const profileIdentifier = { iccid: encodeIccid(order.iccid) };
    enableProfile(
      steps.euicc,
      EnableProfileRequest.encode({ profileIdentifier, refreshFlag: false }),
    );
    const { pendingNotification } = steps.euicc.state.notifications.at(-1)!;
    return {
      notify: () => steps.notify(Uint8Array.fromBase64(pendingNotification)),
      timesInHistory: async () => {
        const { json } = await server.request(`/v1/ESimProfiles/${order.sid}/Events`);
        return json.events.filter(({ cause }: any) => cause === 'enabled on the device').length;
      },
    };
  }

  async function assertKept(
    { notify, timesInHistory }: Awaited<ReturnType<typeof enabled>>,
    code: string,
  ) {
    const { status, headers, result } = await notify();
    assert.deepEqual([status, headers['retry-after'], result], [503, '10', code]);
    assert.equal(await timesInHistory(), 0);
  }

  async function assertAccepted({ notify, timesInHistory }: Awaited<ReturnType<typeof enabled>>) {
    assert.equal((await notify()).result, NO_CONTENT);
    assert.equal(await timesInHistory(), 1);
  }

  test('is refused because of an outdated CRL → 8.1.2 / 6.1, until there is a newer one', async () => {
    await using server = await serverWith({ SIMWRIGHT_OUTDATED_CRL: 'refuse' });
    const notification = await enabled(server);
    const importCrl = async (first: number, last: number) => {
      const thisUpdate = new Date(Date.now() + first * DAY_MS);
      const nextUpdate = new Date(Date.now() + last * DAY_MS);
      const content = issueCrl({ thisUpdate, nextUpdate }, ownHolder(server, 'ci'));
      await importPki([{ name: 'ci.crl', content }], server.server.context);
      await server.restart();
    };
    await importCrl(-1, 1);
    moveClock(server, 2 * DAY_MS);
    await assertKept(notification, '8.1.2 / 6.1');
    moveClock(server, 0);
    await importCrl(-0.5, 3);
    moveClock(server, 2 * DAY_MS);
    await assertAccepted(notification);
  });

  test('has a certificate from the future, because the clock is wrong → 8.1.2 / 6.3', async () => {
    await using server = await serverWith();
    const notification = await enabled(server);
    moveClock(server, -YEAR_MS);
    await assertKept(notification, '8.1.2 / 6.3');
    moveClock(server, 0);
    await assertAccepted(notification);
    assert.deepEqual(errorsLogged(server), []);
  });
});

describe('SIMWRIGHT_OUTDATED_CRL', () => {
  for (const setting of ['warn', 'refuse'] as const) {
    test(`${setting}: ${setting === 'warn' ? 'devices are served' : '8.1.2 / 6.1'} if the CRL of their CI is outdated, which is logged`, async () => {
      await using server = await serverWith({ SIMWRIGHT_OUTDATED_CRL: setting });
      const content = issueCrl(
        { thisUpdate: new Date(Date.now() - DAY_MS), nextUpdate: new Date(Date.now() + DAY_MS) },
        ownHolder(server, 'ci'),
      );
      await importPki([{ name: 'ci.crl', content }], server.server.context);
      await server.restart();
      const order = await server.order({ GenerateMatchingId: 'true' });
      const authenticate = async () => {
        const steps = stepsOf(server, order.matching_id);
        await steps.initiate();
        return (await steps.authenticate()).result;
      };
      assert.equal(await authenticate(), SUCCESS);
      const warnOfPki = pkiWarner(server.server.context);
      warnOfPki();
      moveClock(server, 2 * DAY_MS);
      assert.equal(await authenticate(), setting === 'warn' ? SUCCESS : '8.1.2 / 6.1');
      warnOfPki();
      warnOfPki();
      const told = server.logged.filter((line) =>
        /"level":40.*has been out of date since/.test(line),
      );
      assert.equal(told.length, 1);
      assert.equal(told[0]!.includes('no eUICC of this CI is accepted'), setting === 'refuse');
      moveClock(server, 0);
      assert.equal(await authenticate(), SUCCESS);
      assert.deepEqual(errorsLogged(server), []);
    });
  }
});

test('§4.5.2.2 an EUM on a CRL that the server has fetched → 8.1.2 / 6.1, also after a restart without the CA', async () => {
  await using server = await serverWith();
  const ci = ownHolder(server, 'ci');
  const eum = ownHolder(server, 'eum');
  const list = issueCrl(
    {
      thisUpdate: new Date(Date.now() - DAY_MS),
      nextUpdate: new Date(Date.now() + DAY_MS),
      crlNumber: 1,
      revoked: [{ serialNumberHex: eum.certificate.serialNumberHex, revocationDate: new Date() }],
    },
    ci,
  );
  const crls = createServer((_request, response) => response.end(list)).listen(0, '127.0.0.1');
  await once(crls, 'listening');
  const { port } = crls.address() as AddressInfo;
  const authenticate = async () => {
    const steps = stepsOf(server, '');
    await steps.initiate();
    return (await steps.authenticate()).result;
  };
  assert.notEqual(await authenticate(), '8.1.2 / 6.1');
  const issuer = ciPKIdHexOf(ci.certificate);
  const point = { issuer, kind: 'ci', url: `http://127.0.0.1:${port}/ci.crl` } as const;
  await server.server.context.transact((unit) => insertPoint(point, 'hand', unit));
  server.server.context.wake('crls');
  await eventually(() => (server.server.context.pki.crls.length > 0 ? true : undefined));
  crls.close();
  assert.equal(await authenticate(), '8.1.2 / 6.1');
  await server.restart();
  assert.equal(await authenticate(), '8.1.2 / 6.1');
});
