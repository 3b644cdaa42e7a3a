import { Command } from 'commander';
import type { AccountRow } from '../store/schema.ts';
import { withData } from './data.ts';
import { examples, jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { accountRecord } from './records.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<AccountRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'NAME', flexible: true, value: ({ friendly_name }) => friendly_name },
  { title: 'CREATED', value: ({ date_created }) => date_created },
];

/** `simwright account list` */
export function accountListCommand(): Command {
  return new Command('list')
    .description('list the accounts, oldest first')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright account list']))
    .action((options: JsonOption) =>
      withData(async ({ store }) => {
        const accounts = await store.accounts.list();
        if (options.json) return printJson(accounts.map(accountRecord));
        printTable(
          COLUMNS,
          accounts,
          'There are no accounts yet; create one with: simwright account create',
        );
      }),
    );
}
