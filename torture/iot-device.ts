// A device without a user: an IoT eUICC, and an IPA that polls until nothing is left. Whatever goes wrong, the IPA is gone, and another
// begins with what the eUICC has kept.
import assert from 'node:assert/strict';
import { DeviceError } from '../src/device/device-error.ts';
import { Es9PlusError } from '../src/device/es9plus.ts';
import { callEs10 } from '../src/device/es10.ts';
import { openEuicc } from '../src/device/euicc.ts';
import type { Euicc } from '../src/device/euicc.ts';
import type { EuiccState } from '../src/device/euicc-state.ts';
import { ConnectionError } from '../src/device/ipa/esipa-transport.ts';
import type { EsipaTransport } from '../src/device/ipa/esipa-transport.ts';
import { EsipaError } from '../src/device/ipa/esipa.ts';
import { Ipa } from '../src/device/ipa/ipa.ts';
import type { EimConfigurationData } from '../src/rsp/definitions/eim-configuration-data.ts';
import { AddInitialEimRequest } from '../src/rsp/definitions/iot-functions.ts';
import { ask } from './client.ts';
import { newEid, newEuicc } from './phone.ts';
import { NoAnswer, PowerLost } from './world.ts';
import type { World } from './world.ts';

export class IotDevice {
  readonly #world: World;
  readonly #eim: EimConfigurationData;
  /** What the eUICC keeps without power: its state as JSON. */
  #kept: string;

  private constructor(world: World, state: EuiccState, eim: EimConfigurationData) {
    this.#world = world;
    this.#kept = JSON.stringify(state);
    this.#eim = eim;
  }

  /** Registered, however often that has to be asked for, and onboarded. */
  static async register(world: World, eid = newEid(world)): Promise<IotDevice> {
    const { status } = await ask(world, {
      method: 'POST',
      path: '/v1/Euiccs',
      form: { Eid: eid },
    });
    // It was registered by the first call, whose answer was lost.
    assert.ok(status === 201 || status === 409, `registering: ${status}`);
    return IotDevice.#onboard(world, eid, `/v1/Euiccs/${eid}`);
  }

  /** Registered by nobody, but in a range of the account, in which it registers by itself. */
  static async ofRange(world: World, prefix: string): Promise<IotDevice> {
    const form = { EidPrefix: prefix, Limit: '1000' };
    const { status } = await ask(world, { method: 'POST', path: '/v1/EuiccRanges', form });
    assert.ok(status === 201 || status === 409, `a range: ${status}`);
    const { json } = await ask(world, { method: 'GET', path: '/v1/EuiccRanges' });
    const range = json.euicc_ranges.find((one: any) => one.eid_prefix === prefix);
    const eid = newEid(world, prefix);
    return IotDevice.#onboard(world, eid, `/v1/EuiccRanges/${range.sid}`);
  }

  static async #onboard(world: World, eid: string, at: string): Promise<IotDevice> {
    const { json } = await ask(world, { method: 'GET', path: `${at}/Onboarding` });
    const request = Uint8Array.fromBase64(json.add_initial_eim_request as string);
    const { eimConfigurationDataList: known } = AddInitialEimRequest.decode(request);
    assert.ok(known[0], 'a trial needs an eIM');
    const { state } = newEuicc(world, { eid, isIot: true });
    const device = new IotDevice(world, state, known[0]);
    while (device.state.iot!.eims.length === 0) {
      await device.#powered(async (euicc) => void callEs10(euicc, request));
    }
    return device;
  }

  get eid(): string {
    return this.state.eid;
  }

  get state(): EuiccState {
    return JSON.parse(this.#kept) as EuiccState;
  }

  /** Polls until the eIM has nothing left, or something goes wrong; the next poll goes on. */
  poll(): Promise<void> {
    return this.#powered(async (euicc, transport) => {
      await new Ipa(euicc, { transport, retries: 0 }).poll();
    });
  }

  /** Works until the work ends, or power is lost: after that, whatever goes on reaches neither the eUICC's memory nor the eIM. */
  async #powered(work: (euicc: Euicc, transport: EsipaTransport) => Promise<void>): Promise<void> {
    const { state } = this;
    let isOff = false;
    const needPower = () => {
      if (isOff) throw new PowerLost();
    };
    const keep = (tag: number) => {
      needPower();
      this.#kept = JSON.stringify(state);
      isOff = true;
      this.#world.power?.(`es10-${tag.toString(16)}`);
      isOff = false;
    };
    const esipa = this.#world.esipa(this.#eim);
    const transport: EsipaTransport = {
      async send(request) {
        needPower();
        return esipa.send(request);
      },
    };
    try {
      await work(openEuicc(state, { keep }), transport);
    } catch (error) {
      if (!isOff && !passes(error)) throw error;
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
