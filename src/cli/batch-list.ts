import { Command } from 'commander';
import { renderBatch } from '../operator/batch/resource.ts';
import type { BatchRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, limitOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import type { TableColumn } from './table.ts';

interface Options extends AccountOption, JsonOption {
  limit: number;
}

const COLUMNS: TableColumn<BatchRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'STATUS', value: ({ status }) => status, style: ({ status }) => styleOfStatus(status) },
  { title: 'ITEMS', value: ({ item_count }) => item_count },
  { title: 'ORDERED', value: ({ ordered }) => ordered },
  { title: 'REFUSED', value: ({ refused }) => refused },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'COMPLETED', value: ({ date_completed }) => date_completed },
];

/** `simwright batch list` */
export function batchListCommand(): Command {
  return new Command('list')
    .description('list batches, newest first')
    .addOption(accountOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright batch list --limit 10']))
    .action((options: Options) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const filter = { account_sid: accountSid };
        const { rows } = await store.batchPages(filter, { kind: 'first' }, options.limit);
        if (options.json) {
          return printJson(rows.map((row) => JSON.parse(renderBatch(row, publicUrl)) as object));
        }
        printTable(COLUMNS, rows, 'No batches found');
      }),
    );
}
