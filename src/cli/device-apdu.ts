import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ApduCard } from '../device/apdu.ts';
import { isPreviewQuestion, serveApduStdio } from '../device/apdu-stdio.ts';
import { insertIntoVpcd, serveVpcd, VPCD_PORT } from '../device/apdu-vpcd.ts';
import { openEuicc } from '../device/euicc.ts';
import { addEuiccFaults, misbehaviourOf, type EuiccFaultOptions } from './device-faults.ts';
import { chooseDevice, deviceOption, deviceStore } from './device-data.ts';
import type { DeviceOption } from './device-data.ts';
import { onInterrupt } from './interrupt.ts';
import { examples } from './options.ts';
import { EndWith, UserError } from './user-error.ts';

type LpaProcess = ChildProcessByStdio<Writable, Readable, null>;

interface Options extends EuiccFaultOptions, DeviceOption {
  vpcd?: Vpcd | true;
}
interface Vpcd {
  host: string;
  port: number;
}

const HELP = `
Without --vpcd, the program speaks lpac's stdio protocol: lines of JSON on its stdin and stdout. With --vpcd, it is any program that
uses PC/SC: the card is put into the virtual reader of vpcd (Debian: pcscd and vsmartcard-vpcd), which waits for it on port ${VPCD_PORT}
of this machine, and is taken out when the program ends, or at Ctrl-C if there is none.`;

/** `simwright device apdu` */
export function deviceApduCommand(): Command {
  const command = new Command('apdu')
    .description('act as the eUICC of another LPA or IPA')
    .argument('[NAME]', 'the device, as --device')
    .argument('[COMMAND...]', 'the LPA or IPA to run; by default, it is on stdin and stdout')
    .addOption(deviceOption())
    .addOption(
      new Option('--vpcd [host:port]', 'put it into the PC/SC reader of vsmartcard')
        .argParser(parseVpcd)
        .preset(`127.0.0.1:${VPCD_PORT}`),
    );
  return addEuiccFaults(command)
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        [
          "LPAC_APDU=stdio LPAC_HTTP=curl simwright device apdu --device phone -- lpac profile download -a 'LPA:1$…'",
        ],
        [
          'simwright device apdu --device meter --vpcd',
          'until Ctrl-C; an IPA then finds it in reader 0',
        ],
      ),
    )
    .action(async (first: string | undefined, others: string[], options: Options) => {
      const [name, [program, ...args]] = readArguments(first, others, options);
      const store = deviceStore();
      const device = chooseDevice(store, name);
      const { euicc: state } = device;
      const euicc = openEuicc(state, {
        misbehaviour: misbehaviourOf(options),
        keep: () => store.save({ ...device, euicc: state }),
      });
      const card = new ApduCard(euicc);
      const { vpcd } = options;
      if (typeof vpcd === 'object') await inReader(card, vpcd, program, args);
      else if (program === undefined) {
        await serveApduStdio(card, process.stdin, process.stdout, toStderr);
      } else await besideStdio(card, program, args);
    });
}

/** Beside --device, the first argument belongs to the command. @returns the device, and the command to run */
function readArguments(
  first: string | undefined,
  others: string[],
  { device }: DeviceOption,
): [string | undefined, string[]] {
  if (device === undefined || first === device) return [first, others];
  return [device, first === undefined ? [] : [first, ...others]];
}

async function besideStdio(card: ApduCard, command: string, args: string[]): Promise<void> {
  // Leave Ctrl-C to the LPA, which needs the eUICC to cancel its session.
  process.on('SIGINT', () => {});
  const lpa = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(lpa, 'close') as Promise<[number | null]>;
  const [, [code]] = await Promise.all([
    serveApduStdio(card, lpa.stdout, lpa.stdin, (line) => {
      process.stdout.write(`${line}\n`);
      if (isPreviewQuestion(line)) passAnswer(lpa);
    }),
    ended,
  ]);
  if (code !== 0) throw new EndWith(code ?? 1);
}

async function inReader(
  card: ApduCard,
  { host, port }: Vpcd,
  command: string | undefined,
  args: string[],
): Promise<void> {
  const socket = await insertIntoVpcd(host, port).catch((cause: unknown) => {
    const why = `There is no reader at ${host}:${port} (${(cause as Error).message})`;
    throw new UserError(`${why}; vpcd of vsmartcard opens it once pcscd runs`, { cause });
  });
  const inserted = Promise.withResolvers<void>();
  const served = serveVpcd(card, socket, inserted.resolve);
  // It rejects nothing: a reader that is gone ends both.
  await Promise.race([inserted.promise, served]);
  if (command === undefined) {
    toStderr(`The card is in the reader at ${host}:${port}`);
    onInterrupt().addEventListener('abort', () => socket.destroy());
    await served;
    return;
  }
  process.on('SIGINT', () => {});
  const user = spawn(command, args, { stdio: 'inherit' });
  try {
    const [code] = (await once(user, 'close')) as [number | null];
    if (code !== 0) throw new EndWith(code ?? 1);
  } finally {
    socket.destroy();
    await served;
  }
}

/** The LPA reads a single letter; it would take a line end after it for a response of the card. */
function passAnswer(lpa: LpaProcess): void {
  const lines = createInterface({ input: process.stdin });
  let answer = 'n';
  lines.once('line', (line) => {
    answer = line.trim().charAt(0) || answer;
    lines.close();
  });
  lines.once('close', () => {
    if (lpa.stdin.writable) lpa.stdin.write(answer);
  });
  lpa.once('close', () => process.stdin.destroy());
}

/** stdout carries the protocol. */
function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

function parseVpcd(text: string): Vpcd {
  const [, host, port = String(VPCD_PORT)] = /^([^:]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host !== undefined && Number(port) <= 65_535) return { host, port: Number(port) };
  throw new InvalidArgumentError(`Expected a host, or host:port; got '${text}'.`);
}
