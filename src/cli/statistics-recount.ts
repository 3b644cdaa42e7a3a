import { Command } from 'commander';
import { countNext } from '../operator/statistics/counting.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';

/** `simwright statistics recount` */
export function statisticsRecountCommand(): Command {
  return new Command('recount')
    .description('count the events of the account again, from the first one')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nRepairs statistics that `simwright verify statistics` has found wrong. The server may keep running; while ' +
        'events are being counted, statistics are those up to the event that counting has come to. The models of ' +
        'devices are read from the RSP log: where that has been deleted, they are unknown.',
    )
    .addHelpText(
      'after',
      examples(['simwright verify statistics'], ['simwright statistics recount']),
    )
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store, transact }) => {
        const accountSid = await chooseAccount(store, options.account);
        await transact(async ({ tables, audit }) => {
          await tables.statistics.reset(accountSid);
          await audit(accountSid, { subject: 'statistics' });
        });
        const begun = store.now().getTime();
        let counted = 0;
        let first: number | undefined;
        {
          using bar = progressBar();
          for (;;) {
            const context = { store, transact, findModels: findDeviceModels };
            const { events, date, more } = await countNext(accountSid, context);
            counted += events;
            if (date !== undefined) {
              first ??= date.getTime();
              const done = (date.getTime() - first) / Math.max(begun - first, 1);
              bar.show('events', Math.min(done, 1), counted);
            }
            if (!more) break;
          }
        }
        if (options.json) return printJson({ account_sid: accountSid, counted });
        print(`${counted.toLocaleString('en')} changes of status counted.\n`);
      }),
    );
}
