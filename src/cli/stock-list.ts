import { Command, Option } from 'commander';
import { PROFILE_STATES } from '../smdp/stock/stock.ts';
import type { ProfileState, SubscriptionRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, limitOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { subscriptionRecord } from './records.ts';
import type { TableColumn } from './table.ts';

interface Options extends AccountOption, JsonOption {
  state?: ProfileState;
  limit: number;
}

const COLUMNS: TableColumn<SubscriptionRow>[] = [
  { title: 'ICCID', value: ({ iccid }) => iccid },
  { title: 'IMSI', value: ({ imsi }) => imsi },
  { title: 'MSISDN', value: ({ msisdn }) => msisdn },
  { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
  { title: 'STATE', value: ({ state }) => state },
  { title: 'EID', value: ({ eid }) => eid },
  { title: 'MATCHING ID', value: ({ matching_id }) => matching_id },
];

/** `simwright stock list` */
export function stockListCommand(): Command {
  return new Command('list')
    .description('list subscriptions by ICCID; their keys are never shown')
    .addOption(accountOption())
    .addOption(new Option('--state <state>', 'only those in this state').choices(PROFILE_STATES))
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nStates are those of SGP.22 §3.1.6. In the summary, Allocated, Linked, Confirmed and Released are\n' +
        'ordered; Downloaded and Installed are in use; Error and Unavailable are unusable.',
    )
    .addHelpText('after', examples(['simwright stock list --state Available --limit 10']))
    .action((options: Options) =>
      withData(async ({ store }) => {
        const { state, limit } = options;
        const accountSid = await chooseAccount(store, options.account);
        const filter = state === undefined ? { limit } : { state, limit };
        const rows = await store.subscriptions.list(accountSid, filter);
        if (options.json) return printJson(rows.map(subscriptionRecord));
        printTable(COLUMNS, rows, 'No subscriptions found');
      }),
    );
}
