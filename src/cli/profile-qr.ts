import { extname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { NoActivationCode } from '../operator/qr/qr-labels.ts';
import { QR_SIZE, qrModules, qrPayload, qrPng, qrSpan, qrSvg } from '../operator/qr/qr-code.ts';
import type { QrModules } from '../operator/qr/qr-code.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, parseCount, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { renderQr } from './qr-text.ts';
import { UsageError, UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface Options extends AccountOption {
  output?: string;
  size?: number;
  invert?: true;
}

const { least, most, otherwise } = QR_SIZE;

/** `simwright profile qr` */
export function profileQrCommand(): Command {
  return new Command('qr')
    .description('show the QR code that a phone scans to download an eSIM Profile')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .option('--output <FILE>', 'write an image, .svg or .png, instead', parseFile)
    .option(
      '--size <pixels>',
      `its width and height, ${least} to ${most} (default: ${otherwise})`,
      parseSize,
    )
    .option('--invert', 'for a light terminal without colours')
    .addHelpText('after', '\nPrints the code, and the text that it encodes below it.')
    .addHelpText(
      'after',
      examples(
        ['simwright profile qr HP…', 'scan it from the terminal'],
        ['simwright profile qr HP… --output label.png --size 600'],
      ),
    )
    .action((sid: string, options: Options) => {
      const { output, size, invert = false } = options;
      if (output === undefined && size !== undefined) {
        throw new UsageError('--size is for an image: name one with --output');
      }
      return withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const profile = await findProfile(store, accountSid, sid);
        const { activation_code: activationCode } = profile;
        if (activationCode === null) {
          throw new UserError(new NoActivationCode(sid, profile).message);
        }
        const modules = qrModules(activationCode);
        if (output === undefined) return show(modules, qrPayload(activationCode), invert);
        await writeWhole(output, [picture(modules, output, size ?? otherwise)]);
        print(`${output}: ${qrPayload(activationCode)}\n`);
      });
    });
}

function show(modules: QrModules, payload: string, invert: boolean): void {
  const needed = qrSpan(modules);
  const { columns } = process.stdout;
  if (process.stdout.isTTY && columns > 0 && columns < needed) {
    throw new UserError(
      `The code is ${needed} columns wide, the terminal ${columns}: widen it, or give --output FILE.svg`,
    );
  }
  print(`${renderQr(modules, { invert })}\n${payload}\n`);
}

function picture(modules: QrModules, file: string, size: number): string | Buffer {
  if (extname(file).toLowerCase() === '.svg') return qrSvg(modules, size);
  const needed = qrSpan(modules);
  if (size >= needed) return qrPng(modules, size);
  throw new UsageError(`--size: expected at least ${needed} for this code as PNG; got ${size}`);
}

function parseFile(text: string): string {
  if (/\.(svg|png)$/i.test(text)) return text;
  throw new InvalidArgumentError(`Expected a name that ends with .svg or .png; got '${text}'.`);
}

function parseSize(text: string): number {
  const size = parseCount(most)(text);
  if (size >= least) return size;
  throw new InvalidArgumentError(`Expected ${least} to ${most}; got '${text}'.`);
}
