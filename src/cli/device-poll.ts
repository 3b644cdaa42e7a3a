import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { DeviceRecord, DeviceStore } from '../device/device-store.ts';
import { HttpsTransport, type Es9PlusTransport } from '../device/es9plus-transport.ts';
import { openEuicc } from '../device/euicc.ts';
import { fromBase64 } from '../device/euicc-state.ts';
import { isIotEuicc } from '../device/iot/iot-euicc.ts';
import { EsipaHttpsTransport } from '../device/ipa/esipa-transport.ts';
import { FaultyTransport, type Faults } from '../device/ipa/faulty-transport.ts';
import { IotDevice, type DeviceStep } from '../device/ipa/poll-eims.ts';
import { apiDate } from '../values/date.ts';
import {
  chooseDevice,
  connectOption,
  deviceOption,
  deviceStore,
  explained,
  nameGiven,
} from './device-data.ts';
import type { ConnectOption, DeviceOption } from './device-data.ts';
import { addEuiccFaults, addLinkFaults, faultsOf, misbehaviourOf } from './device-faults.ts';
import type { EuiccFaultOptions, LinkFaultOptions } from './device-faults.ts';
import { onInterrupt } from './interrupt.ts';
import { examples } from './options.ts';
import type { JsonOption } from './options.ts';
import { print } from './output.ts';
import { EndWith, UserError } from './user-error.ts';

const UNTIL = ['installed', 'enabled'] as const;
const EVERY_MS = 30_000;

interface Options
  extends DeviceOption, ConnectOption, JsonOption, EuiccFaultOptions, LinkFaultOptions {
  direct?: true;
  every?: number;
  until?: (typeof UNTIL)[number];
}

/** `simwright device poll` */
export function devicePollCommand(): Command {
  const command = new Command('poll')
    .description('have a virtual IoT device poll its eIMs, and do what they say')
    .argument('[NAME]', 'the device, as --device')
    .addOption(deviceOption())
    .option('--every <time>', 'again and again, until Ctrl-C: 5s, 10m, 1h', parseInterval)
    .addOption(
      new Option(
        '--until <state>',
        'again and again (every 30s, unless --every says otherwise), until another profile is installed, or enabled',
      ).choices(UNTIL),
    )
    .option(
      '--direct',
      'it calls SM-DP+s and SM-DSs itself, and tells the eIM what the eUICC has signed (SGP.32 §3.2.3.1)',
    )
    .addOption(connectOption())
    .option('--json', 'print a JSON object a line, for scripts');
  return addEuiccFaults(addLinkFaults(command))
    .addHelpText(
      'after',
      '\nIt asks each eIM that the eUICC knows, until none has anything left, and prints what it does. Interrupted, it ends after\n' +
        'what it is doing. Misbehaviour ends with the command.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright device poll'],
        ['simwright device poll --device meter --every 10s --until enabled'],
        ['simwright device poll --device meter --direct', 'downloads not through the eIM'],
        [
          'simwright device poll --device meter --without-connectivity 8988…',
          'enabled with Rollback, it goes back',
        ],
      ),
    )
    .action((name: string | undefined, options: Options) => run(nameGiven(name, options), options));
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const store = deviceStore();
  const first = chooseDevice(store, name, 'IoT device');
  const every = options.every ?? (options.until === undefined ? undefined : EVERY_MS);
  const signal = every === undefined ? undefined : onInterrupt();
  const faults = faultsOf(options);
  const before = stateOf(first);
  for (;;) {
    // Anew: other commands may have changed it.
    const device = store.find(first.name);
    if (device === undefined) throw new UserError(`There is no device '${first.name}' any more`);
    const count = await poll(device, options, faults, store);
    if (every === undefined) {
      if (count === 0 && !options.json) print('Nothing waits.\n');
      return;
    }
    const now = stateOf(device);
    if (options.until === 'installed' && now.installed > before.installed) return;
    if (options.until === 'enabled' && ![undefined, before.enabled].includes(now.enabled)) return;
    await sleep(every, undefined, { signal }).catch(() => {});
    if (signal?.aborted) {
      if (options.until === undefined) return;
      throw new EndWith(1);
    }
  }
}

function stateOf({ euicc: { profiles, nextIsdp } }: DeviceRecord) {
  const enabled = profiles.find(({ isEnabled }) => isEnabled)?.iccid;
  return { installed: nextIsdp, enabled };
}

/** Once. Its state is saved before anything leaves it. @returns how many packages there were */
async function poll(
  device: DeviceRecord,
  options: Options,
  faults: Faults,
  store: DeviceStore,
): Promise<number> {
  const euicc = openEuicc(device.euicc, { misbehaviour: misbehaviourOf(options) });
  if (!isIotEuicc(euicc)) throw new TypeError('not an IoT eUICC');
  const { formerEims = [], knownProfiles = {} } = device.ipa ?? {};
  if (euicc.state.iot.eims.length + formerEims.length === 0) {
    throw new UserError(
      `The eUICC of '${device.name}' knows no eIM. Give it one: simwright eim onboarding ${euicc.eid}, then simwright device onboard`,
    );
  }
  const memory = { formerEims, knownProfiles };
  const save = () => store.save({ ...device, euicc: euicc.state, ipa: memory });
  using https = new HttpsTransport({ cis: device.tlsCis.map(fromBase64) });
  const direct: Es9PlusTransport = {
    send(...call) {
      save();
      return https.send(...call);
    },
  };
  const iot = new IotDevice(euicc, {
    imei: device.imei,
    memory,
    ...(options.direct === undefined ? {} : { direct }),
    transportTo(eim) {
      const transport = new EsipaHttpsTransport({
        eim,
        ...(options.connect === undefined ? {} : { connectTo: options.connect }),
      });
      const faulty = new FaultyTransport(transport, euicc, faults);
      return {
        send(request) {
          save();
          return faulty.send(request);
        },
      };
    },
    onStep: (step) => tell(step, apiDate(euicc.now()), options),
  });
  try {
    return await iot.poll();
  } catch (error) {
    throw explained(error);
  } finally {
    save();
  }
}

function tell({ eimId, step, what }: DeviceStep, date: string, { json }: JsonOption): void {
  if (json) {
    print(`${JSON.stringify({ date, eim_id: eimId, step, what })}\n`);
    return;
  }
  for (const line of what.split('\n')) print(`${date}  ${eimId}  ${line}\n`);
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function parseInterval(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([smh])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * UNITS_MS[unit]!;
  throw new InvalidArgumentError(
    `Expected seconds, minutes or hours such as 5s, 10m or 1h; got '${text}'.`,
  );
}
