// An IoT device that its eIM commands: what is ordered for it is downloaded and enabled, once, however often it is interrupted.
import assert from 'node:assert/strict';
import { DeviceError } from '../../src/device/device-error.ts';
import { callEs10 } from '../../src/device/es10.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { Ipa } from '../../src/device/ipa/ipa.ts';
import { AddInitialEimRequest } from '../../src/rsp/definitions/iot-functions.ts';
import { ask, persist, placeOrder, whenStatus } from '../client.ts';
import type { Journey } from '../journey.ts';
import { NO_ATTEMPTS_LEFT, newEuicc } from '../phone.ts';
import { NoAnswer } from '../world.ts';
import type { ApiRequest, World } from '../world.ts';

export const iot: Journey = {
  name: 'iot',
  needsEim: true,
  async run(world) {
    const euicc = newEuicc(world, { isIot: true });
    const path = await register(world, euicc);
    const ipa = await onboard(world, euicc, path);
    for (;;) {
      const { sid, iccid } = await placeOrder(world, { Eid: euicc.eid });
      const ending = await persist(world, `${sid} on ${euicc.eid}`, async () => {
        await poll(ipa);
        return ended(await operationsOf(world, path), sid);
      });
      if (ending === 'enabled') {
        const { iccid: installed } = await whenStatus(world, sid, 'installed');
        assert.deepEqual(
          euicc.state.profiles.map((profile) => [profile.iccid, profile.isEnabled]),
          [[installed, true]],
        );
        return;
      }
      const { error_code } = await whenStatus(world, sid, 'failed');
      assert.equal(error_code, NO_ATTEMPTS_LEFT, String(iccid));
    }
  },
};

/** An EID is registered once, so a repetition of what was done is refused. @returns its path in the API */
async function register(world: World, { eid }: Euicc): Promise<string> {
  const request: ApiRequest = { method: 'POST', path: '/v1/Euiccs', form: { Eid: eid } };
  const statuses = [(await ask(world, request)).status, (await ask(world, request)).status];
  assert.ok(statuses[0] === 201 || statuses[0] === 409, String(statuses[0]));
  assert.equal(statuses[1], 409);
  const path = `/v1/Euiccs/${eid}`;
  const { status, json } = await ask(world, { method: 'GET', path });
  assert.deepEqual([status, json.eid], [200, eid]);
  return path;
}

/** The eUICC is told of the eIM. */
async function onboard(world: World, euicc: Euicc, path: string): Promise<Ipa> {
  const { status, json } = await ask(world, { method: 'GET', path: `${path}/Onboarding` });
  assert.equal(status, 200);
  const request = Uint8Array.fromBase64(json.add_initial_eim_request as string);
  callEs10(euicc, request);
  const [eim] = AddInitialEimRequest.decode(request).eimConfigurationDataList;
  return new Ipa(euicc, { transport: world.esipa!(eim!) });
}

/** Carries out what there is. What fails comes again with a later poll. */
async function poll(ipa: Ipa): Promise<void> {
  try {
    await ipa.poll();
  } catch (error) {
    if (!(error instanceof NoAnswer || error instanceof DeviceError)) throw error;
  }
}

async function operationsOf(world: World, path: string): Promise<any[]> {
  const { json } = await ask(world, { method: 'GET', path: `${path}/Operations` });
  return json.operations as any[];
}

/** Of an order: its download, and the `enable` that follows from it. Each is there once. @returns undefined: not yet */
function ended(operations: readonly any[], sid: string): 'enabled' | 'failed' | undefined {
  const of = (kind: string) => operations.filter((one) => one.kind === kind);
  const downloads = of('download').filter((one) => one.esim_profile_sid === sid);
  assert.ok(downloads.length <= 1, 'an order is pushed once');
  const [download] = downloads;
  if (download?.status === 'failed') return 'failed';
  if (download?.status !== 'completed') return undefined;
  const enables = of('enable');
  assert.equal(enables.length, 1, 'an enable follows from the download');
  const [{ status, error_code }] = enables as [any];
  assert.notEqual(status, 'failed', String(error_code));
  return status === 'completed' ? 'enabled' : undefined;
}
