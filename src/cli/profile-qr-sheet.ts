import { Command } from 'commander';
import { qrLabels } from '../operator/qr/qr-labels.ts';
import { LABELS_A_PAGE, qrSheet } from '../operator/qr/qr-sheet.ts';
import type { SheetEnd } from '../operator/qr/qr-sheet.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { addLabelFilter, labelFilterOf, toLabelError } from './label-filter.ts';
import type { LabelFilterOptions } from './label-filter.ts';
import { examples, parseSids } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface Options extends LabelFilterOptions {
  output: string;
}

const HELP = `
The sheet is an HTML page for A4 and Letter, ${LABELS_A_PAGE} labels a page; print it from a browser at 100 %. Each
label has the QR code, the profile type, the matching ID, the ICCID and the end of the SID.
Without a SID or --status, it has the profiles that are available, newest first. Once downloaded, a code works only
for the device that downloaded it, to resume; once installed, it no longer works, and is not printed.
Profiles ordered for an EID have no code, and are left out.`;

/** `simwright profile qr-sheet` */
export function profileQrSheetCommand(): Command {
  const command = new Command('qr-sheet')
    .description('write labels with QR codes for many eSIM Profiles, to print')
    .argument('[SID...]', 'only these eSIM Profiles, in this order', parseSids)
    .requiredOption('--output <FILE.html>', 'the file to write');
  return addLabelFilter(command)
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright profile qr-sheet --output sheet.html --created-after 2026-11-23'],
        ['simwright profile qr-sheet --output two.html HP… HP…'],
      ),
    )
    .action((given: string[], options: Options) =>
      withData(async ({ store }) => {
        const { output } = options;
        const accountSid = await chooseAccount(store, options.account);
        const filter = labelFilterOf(options, given, accountSid);
        let end: SheetEnd | undefined;
        async function* sheet(): AsyncGenerator<string> {
          end = yield* qrSheet(qrLabels(filter, store));
          if (end.labels === 0) throw new UserError('No eSIM Profiles to print');
        }
        await writeWhole(output, sheet()).catch((error: unknown) => {
          throw toLabelError(error);
        });
        const { labels, leftOut } = end!;
        const pages = Math.ceil(labels / LABELS_A_PAGE);
        print(`${output}: ${countOf(labels, 'label')} on ${countOf(pages, 'page')}\n`);
        if (leftOut > 0) {
          print(`Left out: ${countOf(leftOut, 'eSIM Profile')} without an activation code\n`);
        }
      }),
    );
}

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
