// A device without a user: an IoT eUICC, and an IPA that polls until nothing is left. Whatever goes wrong, the IPA is gone, and another
// begins with what the eUICC has kept.
import assert from 'node:assert/strict';
import { DeviceError } from '../src/device/device-error.ts';
import { Es9PlusError } from '../src/device/es9plus.ts';
import { callEs10 } from '../src/device/es10.ts';
import type { Euicc } from '../src/device/euicc.ts';
import { createEuicc, openEuicc } from '../src/device/euicc.ts';
import type { EuiccState } from '../src/device/euicc-state.ts';
import { ConnectionError } from '../src/device/ipa/esipa-transport.ts';
import type { EsipaTransport } from '../src/device/ipa/esipa-transport.ts';
import { EsipaError } from '../src/device/ipa/esipa.ts';
import { Ipa } from '../src/device/ipa/ipa.ts';
import type { EimConfigurationData } from '../src/rsp/definitions/eim-configuration-data.ts';
import { AddInitialEimRequest } from '../src/rsp/definitions/iot-functions.ts';
import { issueEuicc } from '../src/smdp/pki/issue-euicc.ts';
import { ask } from './client.ts';
import { newEid } from './phone.ts';
import { NoAnswer } from './world.ts';
import type { World } from './world.ts';

export class IotDevice {
  readonly #world: World;
  readonly #eim: EimConfigurationData;
  #euicc: Euicc;

  private constructor(world: World, euicc: Euicc, eim: EimConfigurationData) {
    this.#world = world;
    this.#euicc = euicc;
    this.#eim = eim;
  }

  /** Registered, however often that has to be asked for, and onboarded. */
  static async register(world: World): Promise<IotDevice> {
    const eid = newEid(world);
    const { status } = await ask(world, {
      method: 'POST',
      path: '/v1/Euiccs',
      form: { Eid: eid },
    });
    // It was registered by the first call, whose answer was lost.
    assert.ok(status === 201 || status === 409, `registering: ${status}`);
    const { json } = await ask(world, { method: 'GET', path: `/v1/Euiccs/${eid}/Onboarding` });
    const request = Uint8Array.fromBase64(json.add_initial_eim_request as string);
    const { eimConfigurationDataList: known } = AddInitialEimRequest.decode(request);
    const { pki, smdpAddress } = world;
    const [ci] = pki.cis;
    assert.ok(ci && known[0], 'a trial needs a CI, and an eIM');
    const euicc = createEuicc({
      eid,
      credentials: [issueEuicc(eid, ci.curve, pki, world.now())],
      cis: [ci.der],
      defaultDpAddress: smdpAddress,
      isIot: true,
    });
    callEs10(euicc, request);
    return new IotDevice(world, euicc, known[0]);
  }

  get eid(): string {
    return this.#euicc.eid;
  }

  get state(): EuiccState {
    return this.#euicc.state;
  }

  /** Polls until the eIM has nothing left, or something goes wrong; the next poll goes on. */
  async poll(): Promise<void> {
    // Power was lost: of the eUICC remains what it has kept.
    this.#euicc = openEuicc(structuredClone(this.#euicc.state));
    const transport: EsipaTransport = this.#world.esipa!(this.#eim);
    try {
      await new Ipa(this.#euicc, { transport, retries: 0 }).poll();
    } catch (error) {
      if (!passes(error)) throw error;
    }
  }
}

/** No answer; the eIM or the SM-DP+ behind it cannot reach its database; or a session is over, and another is begun. */
const passes = (error: unknown): boolean =>
  error instanceof NoAnswer ||
  error instanceof ConnectionError ||
  error instanceof EsipaError ||
  error instanceof Es9PlusError ||
  (error instanceof DeviceError && error.message.includes('HTTP status 503'));
