import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { DeviceRecord, DeviceStore } from '../device/device-store.ts';
import type { Faults } from '../device/ipa/faulty-transport.ts';
import { chooseDevice, deviceOption, deviceStore, explained, nameGiven } from './device-data.ts';
import type { DeviceOption } from './device-data.ts';
import { faultsOf } from './device-faults.ts';
import {
  addIotOptions,
  deviceState,
  hasReached,
  openIotDevice,
  UNTIL,
  type IotOptions,
  type Until,
} from './device-iot.ts';
import { onInterrupt } from './interrupt.ts';
import { examples } from './options.ts';
import { print } from './output.ts';
import { EndWith, UserError } from './user-error.ts';

const EVERY_MS = 30_000;

interface Options extends DeviceOption, IotOptions {
  every?: number;
  until?: Until;
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
    );
  return addIotOptions(command)
    .addHelpText(
      'after',
      '\nIt asks each eIM that the eUICC knows, until none has anything left, and prints what it does. Interrupted, it ends after\n' +
        'what it is doing. Misbehaviour ends with the command. Exit code 1: no eIM could be polled to the end.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright device poll'],
        ['simwright device poll --device meter --every 10s --until enabled'],
        ['simwright device poll --device meter --direct', 'downloads not through the eIM'],
        [
          'simwright device poll --device meter --ipa-features minimizeEsipaBytes',
          'sends compact messages, which the eIM completes',
        ],
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
  const before = deviceState(first);
  for (;;) {
    // Anew: other commands may have changed it.
    const device = store.find(first.name);
    if (device === undefined) throw new UserError(`There is no device '${first.name}' any more`);
    const { isReached, isNothing } = await poll(device, options, faults, store);
    if (every === undefined) {
      if (isNothing && !options.json) print('Nothing waits.\n');
      // Why was told.
      if (!isReached) throw new EndWith(1);
      return;
    }
    const { until } = options;
    if (until !== undefined && hasReached(until, before, deviceState(device))) return;
    await sleep(every, undefined, { signal }).catch(() => {});
    if (signal?.aborted) {
      if (options.until === undefined) return;
      throw new EndWith(1);
    }
  }
}

/** Once. @returns whether any eIM was polled to the end, and whether each has said that it has nothing */
async function poll(
  device: DeviceRecord,
  options: Options,
  faults: Faults,
  store: DeviceStore,
): Promise<{ isReached: boolean; isNothing: boolean }> {
  using opened = openIotDevice(device, options, faults, store);
  try {
    const { count, isReached } = await opened.iot.poll();
    return { isReached, isNothing: count === 0 && !opened.hasFailed() };
  } catch (error) {
    throw explained(error);
  } finally {
    opened.save();
  }
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function parseInterval(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,4})([smh])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * UNITS_MS[unit]!;
  throw new InvalidArgumentError(
    `Expected seconds, minutes or hours such as 5s, 10m or 1h; got '${text}'.`,
  );
}
