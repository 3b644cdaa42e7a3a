// `simwright eim bulk result`: what became of each eUICC, as a file.
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  BULK_ITEM_STATES,
  BULK_RESULT_COLUMNS,
  renderBulkItem,
  walkBulkItems,
} from '../eim/fleet/bulk-items.ts';
import type { BulkItemState } from '../eim/fleet/bulk-items.ts';
import { bulkNamed, ofBulk } from './eim-bulk-progress.ts';
import { withEim } from './eim-data.ts';
import {
  addExportOptions,
  checkSpreadsheet,
  exportPieces,
  outputOption,
  writeExport,
} from './export-options.ts';
import type { ExportOptions } from './export-options.ts';
import { onInterrupt } from './interrupt.ts';
import { examples, parseSeveral } from './options.ts';
import type { AccountOption } from './options.ts';
import { progressBar } from './progress.ts';

interface ResultOptions extends AccountOption, ExportOptions {
  state?: BulkItemState[];
}

/** `simwright eim bulk result` */
export function eimBulkResultCommand(): Command {
  const command = ofBulk('result').description(
    'write what became of each eUICC of a bulk operation to a file',
  );
  return addExportOptions(command, BULK_RESULT_COLUMNS)
    .addOption(
      new Option('--state <state>', 'only eUICCs in this state; repeat it for several')
        .choices(BULK_ITEM_STATES)
        .argParser(parseSeveral(BULK_ITEM_STATES)),
    )
    .addOption(outputOption())
    .addHelpText('after', `\nColumns: ${BULK_RESULT_COLUMNS.join(', ')}.`)
    .addHelpText(
      'after',
      examples(['simwright eim bulk result BO… --state failed --columns eid,error_message']),
    )
    .action((sid: string, options: ResultOptions) => {
      const { state: states, output } = options;
      checkSpreadsheet(options);
      return withEim(options, async (eim) => {
        const bulk = await bulkNamed(sid, eim);
        const signal = onInterrupt();
        using bar = progressBar();
        async function* pages(): AsyncGenerator<string[]> {
          for await (const items of walkBulkItems(bulk, { states, signal }, eim.data.store)) {
            yield items.map(renderBulkItem);
            const last = items.at(-1)!.item;
            bar.show('eUICCs', last / bulk.item_count, last);
          }
        }
        await writeExport(exportPieces(options, BULK_RESULT_COLUMNS, pages()), output, signal);
      });
    });
}
