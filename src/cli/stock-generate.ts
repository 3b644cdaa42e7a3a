import { Command } from 'commander';
import { generateTestStock } from '../smdp/stock/test-stock.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, parseCount, parseProfileType } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { progressBar } from './progress.ts';

interface Options extends AccountOption, JsonOption {
  count: number;
  profileType?: string;
}

/** `simwright stock generate` */
export function stockGenerateCommand(): Command {
  return new Command('generate')
    .description('add test subscriptions with random keys, of the test network 001 01')
    .requiredOption('--count <N>', 'how many', parseCount(1_000_000))
    .addOption(accountOption())
    .option('--profile-type <type>', 'their profile type', parseProfileType)
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright stock generate --count 1000']))
    .action((options: Options) =>
      withData(async ({ store, masterKey, transact }) => {
        const { count, profileType } = options;
        const accountSid = await chooseAccount(store, options.account);
        const bar = progressBar();
        const { first, last } = await transact((unit) =>
          generateTestStock(accountSid, count, profileType, masterKey, unit, (done) =>
            bar.show('Generating', done / count, done),
          ),
        ).finally(() => bar[Symbol.dispose]());
        if (options.json) return printJson({ count, first_iccid: first, last_iccid: last });
        print(`Generated ${count} test subscriptions, ICCID ${first} to ${last}\n`);
      }),
    );
}
