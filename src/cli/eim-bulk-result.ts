// `simwright eim bulk result`: what became of each eUICC, as a file.
import { pipeline } from 'node:stream/promises';
import { Option } from 'commander';
import type { Command } from 'commander';
import {
  BULK_ITEM_STATES,
  BULK_RESULT_COLUMNS,
  renderBulkItem,
  walkBulkItems,
} from '../eim/fleet/bulk-items.ts';
import type { BulkItemState } from '../eim/fleet/bulk-items.ts';
import { EXPORT_FORMATS, exportFile } from '../operator/export/export-file.ts';
import type { ExportFormat } from '../operator/export/export-file.ts';
import { bulkNamed, ofBulk } from './eim-bulk-progress.ts';
import { withEim } from './eim-data.ts';
import { onInterrupt } from './interrupt.ts';
import { columnsOption, examples, parseSeveral } from './options.ts';
import type { AccountOption } from './options.ts';
import { progressBar } from './progress.ts';
import { EndWith, UsageError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface ResultOptions extends AccountOption {
  format: ExportFormat;
  columns?: string[];
  spreadsheet?: true;
  state?: BulkItemState[];
  output?: string;
}

/** As a shell reports a process that was interrupted. */
const INTERRUPTED = 130;

/** `simwright eim bulk result` */
export function eimBulkResultCommand(): Command {
  return ofBulk('result')
    .description('write what became of each eUICC of a bulk operation to a file')
    .addOption(
      new Option('--format <format>', 'the form of the file')
        .choices(EXPORT_FORMATS)
        .default('csv'),
    )
    .addOption(columnsOption(BULK_RESULT_COLUMNS))
    .option('--spreadsheet', 'CSV for a spreadsheet instead of a program')
    .addOption(
      new Option('--state <state>', 'only eUICCs in this state; repeat it for several')
        .choices(BULK_ITEM_STATES)
        .argParser(parseSeveral(BULK_ITEM_STATES)),
    )
    .option('--output <FILE>', 'the file to write; by default it is printed')
    .addHelpText('after', `\nColumns: ${BULK_RESULT_COLUMNS.join(', ')}.`)
    .addHelpText(
      'after',
      examples(['simwright eim bulk result BO… --state failed --columns eid,error_message']),
    )
    .action((sid: string, options: ResultOptions) => {
      const { format, columns, spreadsheet, state: states, output } = options;
      if (spreadsheet === true && format !== 'csv') {
        throw new UsageError(`--spreadsheet is for --format csv; got ${format}`);
      }
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
        const form = {
          format,
          columns: columns ?? BULK_RESULT_COLUMNS,
          whole: columns === undefined,
          spreadsheet,
        };
        try {
          const file = exportFile(pages(), form);
          if (output === undefined) await pipeline(file, process.stdout, { end: false });
          else await writeWhole(output, file);
        } catch (error) {
          if (signal.aborted) throw new EndWith(INTERRUPTED);
          throw error;
        }
      });
    });
}
