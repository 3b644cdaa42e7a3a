import { Command, Option } from 'commander';
import {
  ITEM_STATES,
  renderResult,
  RESULT_COLUMNS,
  walkItems,
} from '../operator/batch/batch-items.ts';
import type { ItemState } from '../operator/batch/batch-items.ts';
import { findBatch } from './batch-text.ts';
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
import { accountOption, examples, parseSeveral, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { progressBar } from './progress.ts';

interface Options extends AccountOption, ExportOptions {
  state?: ItemState[];
}

const HELP = `
A line for each item, in the order of the request: its number, what became of it, what is wrong with it, the
links with which iPhones and Android phones install the profile, and the eSIM Profile as it is now.
For labels and QR codes: simwright profile qr-sheet --batch BT…, simwright profile qr-zip --batch BT….

Columns: ${RESULT_COLUMNS.join(', ')}.`;

/** `simwright batch result` */
export function batchResultCommand(): Command {
  const command = new Command('result')
    .description('write what became of the items of a batch to a file')
    .argument('<SID>', 'the batch', parseSid('batch'))
    .addOption(accountOption());
  return addExportOptions(command, RESULT_COLUMNS)
    .addOption(
      new Option('--state <state>', 'only items in this state; repeat it for several')
        .choices(ITEM_STATES)
        .argParser(parseSeveral(ITEM_STATES)),
    )
    .addOption(outputOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright batch result BT… --output result.csv'],
        ['simwright batch result BT… --state refused --columns item,error'],
      ),
    )
    .action((sid: string, options: Options) => {
      const { state: states, output } = options;
      checkSpreadsheet(options);
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
        await writeExport(exportPieces(options, RESULT_COLUMNS, pages()), output, signal);
      });
    });
}
