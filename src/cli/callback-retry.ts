import { Command } from 'commander';
import { retryCallbacks, retryMany } from '../operator/callback.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findCallback } from './find-callback.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { retryAll } from './retry-all.ts';
import { UsageError } from './user-error.ts';

interface Options extends AccountOption {
  failed?: true;
}

/** `simwright callback retry` */
export function callbackRetryCommand(): Command {
  const parse = parseSid('callback');
  const more = (sid: string, others: string[] = []) => [...others, parse(sid)];
  return new Command('retry')
    .description('send callbacks again at once, even ones that were given up or delivered')
    .argument('[SID...]', 'the callbacks', more)
    .addOption(accountOption())
    .option('--failed', 'all that were given up')
    .addHelpText('after', '\nThe server sends them: see simwright start.')
    .addHelpText('after', examples(['simwright callback retry --failed']))
    .action((given: string[] | undefined, options: Options) =>
      withData(async (data) => {
        const { store, transact } = data;
        const sids = given ?? [];
        if (sids.length > 0 === (options.failed ?? false)) {
          throw new UsageError('Name the callbacks, or give --failed');
        }
        const accountSid = await chooseAccount(store, options.account);
        for (const sid of sids) await findCallback(store, accountSid, sid);
        const count = options.failed
          ? await retryAll((after) => retryMany(failedOf(accountSid), after, {}, data))
          : await transact((unit) => retryCallbacks(accountSid, sids, unit));
        print(`${count === 1 ? '1 callback is' : `${count} callbacks are`} due now\n`);
      }),
    );
}

const failedOf = (accountSid: string) => ({ account_sid: accountSid, state: ['failed' as const] });
