import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Command } from 'commander';
import { ApduCard } from '../device/apdu.ts';
import { isPreviewQuestion, serveApduStdio } from '../device/apdu-stdio.ts';
import { openEuicc } from '../device/euicc.ts';
import { chooseDevice, deviceStore } from './device-data.ts';
import { examples } from './options.ts';
import { EndWith } from './user-error.ts';

type LpaProcess = ChildProcessByStdio<Writable, Readable, null>;

/** `simwright device apdu` */
export function deviceApduCommand(): Command {
  return new Command('apdu')
    .description("act as the eUICC of another LPA, over lpac's stdio protocol")
    .argument('<NAME>', 'the device')
    .argument('[COMMAND...]', 'the LPA to run; by default, it is on stdin and stdout')
    .addHelpText(
      'after',
      examples([
        "LPAC_APDU=stdio LPAC_HTTP=curl simwright device apdu phone -- lpac profile download -a 'LPA:1$…'",
      ]),
    )
    .action(async (name: string, [command, ...args]: string[]) => {
      const store = deviceStore();
      const device = chooseDevice(store, name);
      const euicc = openEuicc(device.euicc);
      const card = new ApduCard(euicc, () => store.save({ ...device, euicc: euicc.state }));
      if (command === undefined) {
        await serveApduStdio(card, process.stdin, process.stdout, toStderr);
        return;
      }
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
    });
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
