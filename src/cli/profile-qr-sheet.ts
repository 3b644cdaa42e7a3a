import { Command } from 'commander';
import { NoActivationCode, qrLabels } from '../profile/qr-labels.ts';
import { LABELS_A_PAGE, qrSheet } from '../profile/qr-sheet.ts';
import type { EsimProfileStatus } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import {
  accountOption,
  createdAfterOption,
  examples,
  parseSid,
  profileStatusOption,
} from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface Options extends AccountOption {
  output: string;
  status?: EsimProfileStatus[];
  eid?: string;
  createdAfter?: Date;
}

const HELP = `
The sheet is an HTML page for A4 and Letter, ${LABELS_A_PAGE} labels a page; print it from a browser at 100 %. Each
label has the QR code, the profile type, the matching ID, the ICCID and the end of the SID.
Without a SID or --status, it has the profiles that are available, newest first. Profiles without an
activation code are left out.`;

/** `simwright profile qr-sheet` */
export function profileQrSheetCommand(): Command {
  return new Command('qr-sheet')
    .description('write labels with QR codes for many eSIM Profiles, to print')
    .argument('[SID...]', 'just these eSIM Profiles, in this order', parseSids)
    .requiredOption('--output <FILE.html>', 'the file to write')
    .addOption(accountOption())
    .addOption(profileStatusOption())
    .option('--eid <EID>', 'only those of this eUICC')
    .addOption(createdAfterOption())
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
        const { output, status: statuses, eid, createdAfter } = options;
        const accountSid = await chooseAccount(store, options.account);
        const sids = given.length === 0 ? undefined : given;
        const labels = qrLabels(accountSid, { sids, statuses, eid, createdAfter }, store);
        let count = 0;
        async function* sheet(): AsyncGenerator<string> {
          count = yield* qrSheet(labels);
          if (count === 0) throw new UserError('There are no such eSIM Profiles to print');
        }
        await writeWhole(output, sheet()).catch((error: unknown) => {
          throw error instanceof NoActivationCode ? new UserError(error.message) : error;
        });
        const pages = Math.ceil(count / LABELS_A_PAGE);
        print(`${output}: ${countOf(count, 'label')} on ${countOf(pages, 'page')}\n`);
      }),
    );
}

const countOf = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

/** @param before the arguments before this one */
function parseSids(text: string, before: string[] = []): string[] {
  return [...before, parseSid('esimProfile')(text)];
}
