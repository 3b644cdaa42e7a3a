import { Command, Option } from 'commander';
import { QR_FORMATS } from '../operator/qr/qr-code.ts';
import type { QrFormat } from '../operator/qr/qr-code.ts';
import { qrLabels, surveyLabels } from '../operator/qr/qr-labels.ts';
import { qrZip, ZIP_LIMIT, ZIP_QR_SIZE } from '../operator/qr/qr-zip.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { addLabelFilter, labelFilterOf, toLabelError } from './label-filter.ts';
import type { LabelFilterOptions } from './label-filter.ts';
import { examples, parseCount, parseSid, parseSids } from './options.ts';
import { print } from './output.ts';
import { progressBar } from './progress.ts';
import { UsageError, UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface Options extends LabelFilterOptions {
  output: string;
  format: QrFormat;
  size: number;
  after?: string;
}

const { least, most, otherwise } = ZIP_QR_SIZE;

const HELP = `
The archive has an image per eSIM Profile, named by its ICCID, and a table of them, index.csv; at most
${ZIP_LIMIT.toLocaleString('en')} images. Without a SID or --status, it has the profiles that are available, newest first.
Profiles ordered for an EID have no code, and are left out.`;

/** `simwright profile qr-zip` */
export function profileQrZipCommand(): Command {
  const command = new Command('qr-zip')
    .description('write the QR codes of many eSIM Profiles as files in a ZIP archive')
    .argument('[SID...]', 'only these eSIM Profiles', parseSids)
    .requiredOption('--output <FILE.zip>', 'the archive to write')
    .addOption(new Option('--format <format>', 'of the images').choices(QR_FORMATS).default('png'))
    .addOption(
      new Option('--size <pixels>', `their width and height, ${least} to ${most}`)
        .argParser(parseCount(most))
        .default(otherwise),
    );
  return addLabelFilter(command)
    .option('--after <SID>', 'go on behind this eSIM Profile', parseSid('esimProfile'))
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright profile qr-zip --output codes.zip --created-after 2026-11-23'],
        ['simwright profile qr-zip --output two.zip --format svg HP… HP…'],
      ),
    )
    .action((given: string[], options: Options) => {
      const { output, format, size, after } = options;
      if (size < least) throw new UsageError(`--size: expected at least ${least}; got ${size}`);
      return withData(async ({ store, now: modified }) => {
        const accountSid = await chooseAccount(store, options.account);
        const filter = { ...labelFilterOf(options, given, accountSid), after };
        try {
          const { count, last } = await surveyLabels(filter, ZIP_LIMIT, store);
          if (count === 0) throw new UserError('No eSIM Profile has a code to write');
          using progress = progressBar();
          const show = async function* () {
            let done = 0;
            for await (const label of qrLabels(filter, store)) {
              yield label;
              done++;
              progress.show('QR codes', Math.min(1, done / count), done);
            }
          };
          await writeWhole(output, qrZip(show(), { format, size, modified }));
          print(`${output}: ${count} QR code${count === 1 ? '' : 's'}\n`);
          if (last !== undefined) print(`There are more, for another archive: --after ${last}\n`);
        } catch (error) {
          throw toLabelError(error);
        }
      });
    });
}
