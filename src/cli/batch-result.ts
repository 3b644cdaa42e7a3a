import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import {
  ITEM_STATES,
  renderResult,
  RESULT_COLUMNS,
  walkItems,
} from '../operator/batch/batch-items.ts';
import type { ItemState } from '../operator/batch/batch-items.ts';
import { EXPORT_FORMATS, exportFile } from '../operator/export/export-file.ts';
import type { ExportFormat } from '../operator/export/export-file.ts';
import { findBatch } from './batch-text.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { onInterrupt } from './interrupt.ts';
import { accountOption, columnsOption, examples, parseSeveral, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { progressBar } from './progress.ts';
import { EndWith, UsageError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

/** As a shell reports a process that was interrupted. */
const INTERRUPTED = 130;

interface Options extends AccountOption {
  format: ExportFormat;
  columns?: string[];
  spreadsheet?: true;
  state?: ItemState[];
  output?: string;
}

const HELP = `
A line for each item, in the order of the request: its number, what became of it, what is wrong with it, the
links with which iPhones and Android phones install the profile, and the eSIM Profile as it is now.
For labels and QR codes: simwright profile qr-sheet --batch BT…, simwright profile qr-zip --batch BT….

Columns: ${RESULT_COLUMNS.join(', ')}.`;

/** `simwright batch result` */
export function batchResultCommand(): Command {
  return new Command('result')
    .description('write what became of the items of a batch to a file')
    .argument('<SID>', 'the batch', parseSid('batch'))
    .addOption(accountOption())
    .addOption(
      new Option('--format <format>', 'the form of the file')
        .choices(EXPORT_FORMATS)
        .default('csv'),
    )
    .addOption(columnsOption(RESULT_COLUMNS))
    .option('--spreadsheet', 'CSV for a spreadsheet instead of a program')
    .addOption(
      new Option('--state <state>', 'only items in this state; repeat it for several')
        .choices(ITEM_STATES)
        .argParser(parseSeveral(ITEM_STATES)),
    )
    .option('--output <FILE>', 'the file to write; by default it is printed')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright batch result BT… --output result.csv'],
        ['simwright batch result BT… --state refused --columns item,error'],
      ),
    )
    .action((sid: string, options: Options) => {
      const { format, columns, spreadsheet, state: states, output } = options;
      if (spreadsheet === true && format !== 'csv') {
        throw new UsageError(`--spreadsheet is for --format csv; got ${format}`);
      }
      return withData(async ({ store, masterKey, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const batch = await findBatch(store, accountSid, sid);
        const signal = onInterrupt();
        using bar = progressBar();
        async function* pages(): AsyncGenerator<string[]> {
          for await (const items of walkItems(batch, { states, signal }, { store, masterKey })) {
            yield items.map((item) => renderResult(item, publicUrl));
            const last = items.at(-1)!.item;
            bar.show('Items', last / batch.item_count, last);
          }
        }
        const form = { format, columns: columns ?? RESULT_COLUMNS, whole: columns === undefined };
        const pieces = exportFile(pages(), { ...form, spreadsheet });
        try {
          if (output === undefined) await pipeline(pieces, process.stdout, { end: false });
          else await writeWhole(output, pieces);
        } catch (error) {
          if (signal.aborted) throw new EndWith(INTERRUPTED);
          throw error;
        }
      });
    });
}
