// An eIM beside a rented SM-DP+: orders over ES2+, downloads through the eIM over HTTPS, reports of progress over ES2+.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { ACCOUNT } from '../../src/cli/demo-parts.ts';
import { prepareTwoServers } from '../../src/cli/demo-two-servers.ts';
import { readConfig } from '../../src/config.ts';
import { Ipa as VirtualIpa } from '../../src/device/ipa/ipa.ts';
import { certificatePem } from '../../src/rsp/pem.ts';
import { startServer } from '../../src/server.ts';
import { basic, eventually } from '../server.ts';
import type { TestServer } from '../server.ts';
import { runInProcess } from '../cli/in-process.ts';
import { Ipa } from './ipa.ts';

const CREDENTIALS = basic({ username: ACCOUNT.sid, password: ACCOUNT.authToken });

test('an order at a rented SM-DP+ for the EID of an eUICC is pushed, downloaded from there with its confirmation code, and enabled; the SM-DP+ reports it', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-rented-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  const settings = await prepareTwoServers(folder);
  const start = async (of: Record<string, string>) => {
    const { config, secrets } = readConfig(of);
    return startServer(config, secrets, pino({ level: 'silent' }));
  };
  await using smdp = await start(settings.smdp);
  const cis = smdp.context.pki.cis.map(certificatePem);
  const ciFile = join(folder, 'ci.pem');
  await writeFile(ciFile, cis.join(''));
  const settingsOfOperator = {
    ...settings.operator,
    SIMWRIGHT_ESIPA_PORT: '0',
    SIMWRIGHT_EIM_CI: ciFile,
    // Of what others have, nothing: only of the rented one.
    SIMWRIGHT_EIM_SMDPS: 'off',
    SIMWRIGHT_SMDP_ADDRESS: settings.smdp['SIMWRIGHT_SMDP_ADDRESS']!,
  };
  await using operator = await start(settingsOfOperator);
  const call = async (path: string, form?: Record<string, string>): Promise<any> => {
    const response = await fetch(operator.context.publicUrl + path, {
      headers: { Authorization: CREDENTIALS },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    assert.ok(response.ok, `${path}: ${response.status}`);
    return response.json();
  };

  const at = (server: typeof smdp) => ({ server }) as TestServer;
  const device = new Ipa(at(operator), { isIot: true, smdp: at(smdp) });
  await call('/v1/Euiccs', { Eid: device.eid });
  const { add_initial_eim_request: onboarding } = await call(`/v1/Euiccs/${device.eid}/Onboarding`);
  device.onboard(Uint8Array.fromBase64(onboarding));
  const { transport } = device;
  const steps: string[] = [];
  const onStep = (step: string, what: string) => steps.push(step === 'failed' ? what : step);
  const ipa = new VirtualIpa(device.euicc, { transport, onStep });

  const form = { Eid: device.eid, GenerateMatchingId: 'true', ConfirmationCode: 'sesame-123' };
  const order = await call('/v1/ESimProfiles', form);
  await eventually(
    async () => (await operator.context.store.eimOperations.ofOrder(device.eid, order.sid))[0],
  );
  await ipa.poll();
  assert.deepEqual(steps, ['euiccData', 'download', 'euiccPackage']);
  const { operations } = await call(`/v1/Euiccs/${device.eid}/Operations`);
  assert.deepEqual(
    operations.map(({ kind, status }: any) => `${kind} ${status}`),
    ['enable completed', 'download completed', 'euiccData completed'],
  );
  const { profiles, status } = await call(`/v1/Euiccs/${device.eid}`);
  assert.equal(status, 'associated');
  assert.equal(profiles[0].state, 'enabled');
  const installed = await eventually(async () => {
    const { status: now } = await call(`/v1/ESimProfiles/${order.sid}`);
    return now === 'installed' ? now : undefined;
  });
  assert.equal(installed, 'installed');

  const asked = ['eim', 'ask', device.eid, 'download', '--activation-code'];
  const refused = await runInProcess(
    [...asked, '1$other.example.com$A'],
    settingsOfOperator,
    folder,
  );
  assert.match(refused.stderr, /SIMWRIGHT_EIM_SMDPS does not allow downloads from other\.example/);
});
