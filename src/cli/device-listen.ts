import { isIPv4 } from 'node:net';
import { Command, Option } from 'commander';
import type { DeviceRecord, DeviceStore } from '../device/device-store.ts';
import { openEuicc } from '../device/euicc.ts';
import { cutOffProfile } from '../device/ipa/faulty-transport.ts';
import { issueIpaCertificate } from '../device/ipa/ipa-certificate.ts';
import { listenForPackages } from '../device/ipa/ipa-listener.ts';
import type { Transferred } from '../device/ipa/ipa.ts';
import type { TransferEimPackageRequest } from '../rsp/definitions/esipa.ts';
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
import { examples, parseCount } from './options.ts';
import { print } from './output.ts';
import { EndWith, UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

const PORT = 8446;
const MOST_PORT = 65_535;
const LOCAL = ['localhost', '127.0.0.1'];

interface Options extends DeviceOption, IotOptions {
  host: string;
  port: number;
  name?: string;
  certificate?: string;
  until?: Until;
}

/** `simwright device listen` */
export function deviceListenCommand(): Command {
  const command = new Command('listen')
    .description('have a virtual IoT device listen for what its eIMs send by themselves')
    .argument('[NAME]', 'the device, as --device')
    .addOption(deviceOption())
    .option('--host <address>', 'the address of this machine at which it listens', '127.0.0.1')
    .option('--port <port>', 'the port; 0 for any', parseCount(MOST_PORT, 0), PORT)
    .option('--name <host>', 'the host by which eIMs call it, for its certificate')
    .option('--certificate <file>', 'where its certificate is written (default: NAME-ipa.pem)')
    .addOption(
      new Option('--until <state>', 'until another profile is installed, or enabled').choices(
        UNTIL,
      ),
    );
  return addIotOptions(command)
    .addHelpText(
      'after',
      '\nIt polls its eIMs once, then listens for TransferEimPackage of SGP.32 over HTTPS, in both bindings, until Ctrl-C. It answers only\n' +
        'eIMs that show the TLS key which the eUICC knows of them. What changes its network it carries out after it has answered, and\n' +
        'tells the eIM itself. Tell the eIM where it is: simwright eim update EUICC --ipa-url URL --ipa-ca FILE.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright device listen --device meter'],
        [
          'simwright device listen --device meter --host 0.0.0.0 --name meter.example.com --port 443',
        ],
        [
          'simwright device listen --device meter --lose-answers 1',
          'to see what an eIM makes of it',
        ],
      ),
    )
    .action((name: string | undefined, options: Options) => run(nameGiven(name, options), options));
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const store = deviceStore();
  const first = chooseDevice(store, name, 'IoT device');
  const faults = faultsOf(options);
  // Says what is missing, before anything listens.
  openIotDevice(first, options, faults, store)[Symbol.dispose]();
  const signal = onInterrupt();
  const ended = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => ended.resolve());
  const before = deviceState(first);
  const found = () => {
    const device = store.find(first.name);
    if (device === undefined) throw new UserError(`There is no device '${first.name}' any more`);
    return device;
  };
  const look = () => {
    const { until } = options;
    if (until !== undefined && hasReached(until, before, deviceState(found()))) ended.resolve();
  };

  function transferred(
    callerKey: Uint8Array | undefined,
    request: TransferEimPackageRequest,
  ): Transferred | undefined {
    const opened = openIotDevice(found(), options, faults, store);
    const done = opened.iot.transferred(callerKey, request);
    opened.save();
    const { later } = done ?? {};
    if (done === undefined || later === undefined) {
      opened[Symbol.dispose]();
      look();
      return done;
    }
    return {
      answer: done.answer,
      async later() {
        using used = opened;
        await later();
        used.save();
        look();
      },
    };
  }

  const hosts = [...new Set([options.name ?? options.host, ...LOCAL])];
  const { listener: tls } = withCertificate(first, hosts, store);
  await using listener = await listenForPackages({
    host: options.host,
    port: options.port,
    ...tls!,
    transferred,
    losesAnswer() {
      if (cutOffProfile(openEuicc(found().euicc), faults) !== undefined) return true;
      if (faults.lostAnswers === 0) return false;
      faults.lostAnswers -= 1;
      return true;
    },
    onRefused: (why) => process.stderr.write(`A call was refused: ${why}\n`),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall !== 'listen' && error.syscall !== 'getaddrinfo') throw error;
    const { host, port } = options;
    const why = error.code === 'EADDRINUSE' ? 'another program is using it' : error.message;
    const message = `Cannot listen on ${host}, port ${port}: ${why}; choose another with --host and --port`;
    throw new UserError(message, { cause: error });
  });
  const file = options.certificate ?? `${first.name}-ipa.pem`;
  await writeWhole(file, [tls!.certificate]);
  const url = `https://${options.name ?? hostOf(options.host)}:${listener.port}`;
  say(
    `Listening on ${url}\n` +
      `Tell the eIM: simwright eim update ${first.euicc.eid} --ipa-url ${url} --ipa-ca ${file}\n`,
    options,
  );
  try {
    await listener.alone(async () => {
      using opened = openIotDevice(found(), options, faults, store);
      await opened.iot.poll();
      opened.save();
    });
  } catch (error) {
    throw explained(error);
  }
  look();
  await ended.promise;
  if (signal.aborted && options.until !== undefined) throw new EndWith(1);
}

/** One that it has made for these hosts stays. */
function withCertificate(
  device: DeviceRecord,
  hosts: readonly string[],
  store: DeviceStore,
): DeviceRecord {
  const { listener } = device;
  if (listener !== undefined && hosts.every((host) => listener.hosts.includes(host))) return device;
  const made = {
    ...device,
    listener: { hosts, ...issueIpaCertificate(hosts, openEuicc(device.euicc).now()) },
  };
  store.save(made);
  return made;
}

/** All addresses are none that can be called. */
const hostOf = (host: string) =>
  host === '0.0.0.0' || host === '::' || (!isIPv4(host) && host.includes(':')) ? 'localhost' : host;

/** Not among the JSON for scripts. */
const say = (text: string, { json }: Options) =>
  json ? void process.stderr.write(text) : print(text);
