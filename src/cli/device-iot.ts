// A virtual IoT device of the data folder with its IPA, and what it does in words: shared by the commands that let it run.
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { DeviceRecord, DeviceStore } from '../device/device-store.ts';
import { HttpsTransport } from '../device/es9plus-transport.ts';
import { openEuicc } from '../device/euicc.ts';
import { fromBase64 } from '../device/euicc-state.ts';
import { isIotEuicc } from '../device/iot/iot-euicc.ts';
import { EsipaHttpsTransport } from '../device/ipa/esipa-transport.ts';
import { FaultyTransport, type Faults } from '../device/ipa/faulty-transport.ts';
import { ipaFeatures, type IpaFeature } from '../device/ipa/ipa.ts';
import { IotDevice, type DeviceStep } from '../device/ipa/poll-eims.ts';
import { apiDate } from '../values/date.ts';
import { connectOption, type ConnectOption } from './device-data.ts';
import { addEuiccFaults, addLinkFaults, misbehaviourOf } from './device-faults.ts';
import type { EuiccFaultOptions, LinkFaultOptions } from './device-faults.ts';
import type { JsonOption } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

export interface IotOptions extends ConnectOption, JsonOption, EuiccFaultOptions, LinkFaultOptions {
  direct?: true;
  ipaFeatures?: IpaFeature[];
}

export function addIotOptions(command: Command): Command {
  return addEuiccFaults(
    addLinkFaults(
      command
        .addOption(
          new Option(
            '--direct',
            'it calls SM-DP+s and SM-DSs itself, and tells the eIM what the eUICC has signed (SGP.32 §3.2.3.1)',
          ),
        )
        .option(
          '--ipa-features <names>',
          `what the IPA leaves to its eIM, and tells it so when it is asked for its data: names of SGP.32, with commas, of ${ipaFeatures.join(', ')}`,
          parseFeatures,
        )
        .addOption(connectOption())
        .option('--json', 'print a JSON object a line, for scripts'),
    ),
  );
}

export const UNTIL = ['installed', 'enabled'] as const;
export type Until = (typeof UNTIL)[number];

export interface DeviceState {
  readonly installed: number;
  readonly enabled: string | undefined;
}

export function deviceState({ euicc: { profiles, nextIsdp } }: DeviceRecord): DeviceState {
  const enabled = profiles.find(({ isEnabled }) => isEnabled)?.iccid;
  return { installed: nextIsdp, enabled };
}

/** Whether another profile is installed, or enabled, than before. */
export function hasReached(until: Until, before: DeviceState, now: DeviceState): boolean {
  return until === 'installed'
    ? now.installed > before.installed
    : now.enabled !== undefined && now.enabled !== before.enabled;
}

export interface OpenedIotDevice extends Disposable {
  readonly iot: IotDevice;
  readonly save: () => void;
  /** Whether a step has failed so far, which was told. */
  readonly hasFailed: () => boolean;
}

/** Throws `UserError` if it knows no eIM. */
export function openIotDevice(
  device: DeviceRecord,
  options: IotOptions,
  faults: Faults,
  store: DeviceStore,
): OpenedIotDevice {
  const { formerEims = [], knownProfiles = {} } = device.ipa ?? {};
  const memory = { formerEims, knownProfiles };
  const { euicc: state } = device;
  const save = () => store.save({ ...device, euicc: state, ipa: memory });
  const euicc = openEuicc(state, { misbehaviour: misbehaviourOf(options), keep: save });
  if (!isIotEuicc(euicc)) throw new TypeError('not an IoT eUICC');
  if (euicc.state.iot.eims.length + formerEims.length === 0) {
    throw new UserError(
      `The eUICC of '${device.name}' knows no eIM. Give it one: simwright eim onboarding ${euicc.eid}, then simwright device onboard`,
    );
  }
  let hasFailed = false;
  const https = new HttpsTransport({ cis: device.tlsCis.map(fromBase64) });
  const iot = new IotDevice(euicc, {
    imei: device.imei,
    memory,
    ...(options.direct === undefined ? {} : { direct: https }),
    ...(options.ipaFeatures === undefined ? {} : { features: options.ipaFeatures }),
    transportTo(eim) {
      const transport = new EsipaHttpsTransport({
        eim,
        ...(options.connect === undefined ? {} : { connectTo: options.connect }),
      });
      return new FaultyTransport(transport, euicc, faults);
    },
    onStep(step) {
      if (step.step === 'failed') hasFailed = true;
      tell(step, apiDate(euicc.now()), options);
    },
  });
  return { iot, save, hasFailed: () => hasFailed, [Symbol.dispose]: () => https[Symbol.dispose]() };
}

function tell({ eimId, step, what }: DeviceStep, date: string, { json }: JsonOption): void {
  if (json) {
    print(`${JSON.stringify({ date, eim_id: eimId, step, what })}\n`);
    return;
  }
  for (const line of what.split('\n')) print(`${date}  ${eimId}  ${line}\n`);
}

function parseFeatures(text: string): IpaFeature[] {
  return text.split(',').map((name) => {
    const feature = ipaFeatures.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (feature !== undefined) return feature;
    throw new InvalidArgumentError(`Expected ${ipaFeatures.join(', ')}; got ${name}.`);
  });
}
