import { Command } from 'commander';
import { countStock, summarise } from '../smdp/stock/stock.ts';
import type { StockSummary } from '../smdp/stock/stock.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<StockSummary>[] = [
  { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
  {
    title: 'AVAILABLE',
    value: ({ available }) => available,
    style: ({ available }) => (available === 0 ? 'red' : undefined),
  },
  { title: 'ORDERED', value: ({ ordered }) => ordered },
  { title: 'IN USE', value: ({ in_use }) => in_use },
  { title: 'UNUSABLE', value: ({ unusable }) => unusable },
  { title: 'TOTAL', value: ({ total }) => total },
];

/** `simwright stock summary` */
export function stockSummaryCommand(): Command {
  return new Command('summary')
    .description('count the stock by profile type')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nOrdered: assigned to an order, not yet downloaded. In use: downloaded or installed. ' +
        'Unusable: failed or withdrawn.',
    )
    .addHelpText('after', examples(['simwright stock summary']))
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const summary = summarise(await countStock(accountSid, store));
        if (options.json) return printJson(summary);
        printTable(
          COLUMNS,
          summary,
          'The account has no stock; see: simwright stock import --help',
        );
      }),
    );
}
