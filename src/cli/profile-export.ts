import { Command } from 'commander';
import { ESIM_PROFILE_COLUMNS } from '../operator/export/export-columns.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { INTUNE_LIMIT, intuneFile, intuneFilter, NotForIntune } from '../operator/export/intune.ts';
import type { Walk } from '../operator/export/walk.ts';
import { walk } from '../operator/export/walk.ts';
import { findEsimProfiles } from '../operator/find-esim-profiles.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import {
  addExportOptions,
  checkSpreadsheet,
  exportPieces,
  outputOption,
  writeExport,
} from './export-options.ts';
import type { ExportOptions } from './export-options.ts';
import { onInterrupt } from './interrupt.ts';
import { examples, parseSid } from './options.ts';
import { addProfileFilter, profileFilterOf, toSearchError } from './profile-filter.ts';
import type { ProfileFilterOptions } from './profile-filter.ts';
import { progressBar } from './progress.ts';
import { UsageError, UserError } from './user-error.ts';

const FORMATS = [...EXPORT_FORMATS, 'intune'] as const;

interface Options extends ProfileFilterOptions, ExportOptions<(typeof FORMATS)[number]> {
  smdpAddress?: string;
  after?: string;
}

const HELP = `
csv     RFC 4180 in UTF-8. Text that a spreadsheet would take for a formula begins with an apostrophe.
        With --spreadsheet, what looks like a number is written as ="…", so that Excel, LibreOffice and
        Google Sheets keep every digit of it; without, programs read the file as it is.
jsonl   JSON Lines: on each line, the eSIM Profile as the API has it.
intune  What Microsoft Intune imports: the host of the SM-DP+, then ICCID and matching ID. Only profiles
        that are available and need no confirmation code, of one SM-DP+, ${INTUNE_LIMIT} per file.

Columns: ${ESIM_PROFILE_COLUMNS.join(', ')}.

FILE gets its name when it is whole; until then it is FILE.part. Without --output, the exit code tells
whether all was printed. Orders placed meanwhile are not in it.`;

/** `simwright profile export` */
export function profileExportCommand(): Command {
  const plain = new Command('export').description(
    'write all eSIM Profiles that match to a file, newest first',
  );
  const command = addExportOptions(plain, ESIM_PROFILE_COLUMNS, FORMATS)
    .option('--smdp-address <host>', 'with intune: only the profiles of this SM-DP+')
    .option('--after <SID>', 'go on behind this eSIM Profile', parseSid('esimProfile'))
    .addOption(outputOption());
  return addProfileFilter(command)
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright profile export --output profiles.csv'],
        ['simwright profile export --status available --columns iccid,activation_code > codes.csv'],
        ['simwright profile export --spreadsheet --created-after 2026-11-23 --output today.csv'],
        ["simwright profile export --format jsonl | jq -r 'select(.eid == null) | .sid'"],
        ['simwright profile export --format intune --output intune.csv'],
      ),
    )
    .action((options: Options) => {
      checkOptions(options);
      return withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const { filter, bounds } = profileFilterOf(options, accountSid);
        const signal = onInterrupt();
        using progress = progressBar();
        const pages = async function* (chosen: typeof filter, from: Walk) {
          let count = 0;
          const found = walk(
            (position, size) => findEsimProfiles(chosen, position, size, bounds, store),
            from,
          );
          for await (const rows of found) {
            yield rows.map(({ resource }) => withBaseUrl(resource, publicUrl));
            count += rows.length;
            progress.show('eSIM Profiles', undefined, count);
          }
        };
        try {
          const from = { after: options.after, signal };
          const pieces = piecesOf(options, filter, (chosen) => pages(chosen, from));
          await writeExport(pieces, options.output, signal);
        } catch (error) {
          throw error instanceof NotForIntune ? new UserError(error.message) : toSearchError(error);
        }
      });
    });
}

type Filter = ReturnType<typeof profileFilterOf>['filter'];

function piecesOf(
  { format, smdpAddress, ...options }: Options,
  filter: Filter,
  pages: (filter: Filter) => AsyncIterable<string[]>,
): AsyncIterable<string> {
  if (format === 'intune') return intunePieces(pages(intuneFilter(filter)), smdpAddress);
  return exportPieces({ ...options, format }, ESIM_PROFILE_COLUMNS, pages(filter));
}

async function* intunePieces(
  pages: AsyncIterable<string[]>,
  smdpAddress: string | undefined,
): AsyncGenerator<string> {
  const { text, leftOut, last } = await intuneFile(pages, smdpAddress);
  yield text;
  if (leftOut > 0) process.stderr.write(`Left out, as Intune cannot use them: ${leftOut}\n`);
  if (last !== undefined) {
    process.stderr.write(`There are more, for another file: --after ${last}\n`);
  }
}

function checkOptions(options: Options): void {
  checkSpreadsheet(options);
  const { format, columns, smdpAddress } = options;
  if (columns !== undefined && format === 'intune') {
    throw new UsageError('--columns cannot be chosen with --format intune');
  }
  if (smdpAddress !== undefined && format !== 'intune') {
    throw new UsageError(`--smdp-address is for --format intune; got ${format}`);
  }
}
