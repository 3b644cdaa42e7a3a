// A virtual IoT device of the demo: it polls its eIMs by itself, and tells what it does.
import { setTimeout as sleep } from 'node:timers/promises';
import { callEs10 } from '../device/es10.ts';
import { createEuicc } from '../device/euicc.ts';
import { isIotEuicc } from '../device/iot/iot-euicc.ts';
import { EsipaHttpsTransport } from '../device/ipa/esipa-transport.ts';
import { FaultyTransport } from '../device/ipa/faulty-transport.ts';
import { IotDevice } from '../device/ipa/poll-eims.ts';
import { AddInitialEimResponse } from '../rsp/definitions/iot-functions.ts';
import type { Server } from '../server.ts';
import { issueEuicc } from '../smdp/pki/issue-euicc.ts';
import { newEid } from './demo-parts.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

const POLLS_EVERY_MS = 100;

export interface DemoDevice extends AsyncDisposable {
  readonly name: string;
  readonly eid: string;
  /** Gives it the file of AddInitialEimRequest; then it polls until it is disposed of. */
  onboard: (addInitialEimRequest: Uint8Array) => void;
  /** The network of this profile has no connectivity where the device is. */
  lacksNetworkOf: (iccid: string) => void;
}

/** Its eUICC is issued under the test PKI. */
export function demoDevice(name: string, { context: { pki, now } }: Server): DemoDevice {
  const eid = newEid();
  const euicc = createEuicc({
    eid,
    credentials: [issueEuicc(eid, 'prime256v1', pki, now())],
    cis: pki.cis.map(({ der }) => der),
    isIot: true,
  });
  if (!isIotEuicc(euicc)) throw new TypeError('no IoT eUICC');
  const withoutConnectivity: string[] = [];
  const faults = { lostAnswers: 0, withoutConnectivity };
  const device = new IotDevice(euicc, {
    transportTo: (eim) => new FaultyTransport(new EsipaHttpsTransport({ eim }), euicc, faults),
    onStep({ eimId, what }) {
      for (const line of what.split('\n')) print(`  ${name.padEnd(10)}  ${line} (${eimId})\n`);
    },
  });
  const isGone = new AbortController();
  let polling: Promise<void> = Promise.resolve();
  return {
    name,
    eid,
    onboard(request) {
      const { addInitialEimOk } = AddInitialEimResponse.decode(callEs10(euicc, request));
      if (addInitialEimOk === undefined) throw new UserError(`${name} was not onboarded`);
      polling = pollUntil(isGone.signal, device);
      // It ends the demo when the device is disposed of.
      polling.catch((error: unknown) => print(`  ${name.padEnd(10)}  ${String(error)}\n`));
    },
    lacksNetworkOf(iccid) {
      withoutConnectivity.push(iccid);
    },
    async [Symbol.asyncDispose]() {
      isGone.abort();
      await polling;
    },
  };
}

async function pollUntil(isGone: AbortSignal, device: IotDevice): Promise<void> {
  while (!isGone.aborted) {
    await device.poll();
    await sleep(POLLS_EVERY_MS, undefined, { signal: isGone }).catch(() => {});
  }
}
