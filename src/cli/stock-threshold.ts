import { Argument, Command, Option } from 'commander';
import { problemOfCallbackUrl } from '../operator/callback-url.ts';
import { MOST_THRESHOLD, setThreshold } from '../operator/stock/threshold.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, parseCount } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

interface Options extends AccountOption {
  callbackUrl?: string;
  callbackMethod?: 'GET' | 'POST';
}

/** `simwright stock threshold` */
export function stockThresholdCommand(): Command {
  return new Command('threshold')
    .description('set when a profile type runs low, and who is told')
    .addArgument(new Argument('<TYPE>', 'the profile type'))
    .addArgument(
      new Argument('<N>', `fewer are low: 1 to ${MOST_THRESHOLD}; or none`).argParser((text) =>
        text === 'none' ? null : parseCount(MOST_THRESHOLD)(text),
      ),
    )
    .option('--callback-url <URL>', 'called once when the stock runs low; empty: nobody')
    .addOption(
      new Option('--callback-method <METHOD>', 'how it is called').choices(['POST', 'GET']),
    )
    .addOption(accountOption())
    .addHelpText(
      'after',
      '\nThe running server looks at the stock every ten seconds. It tells once that fewer are in stock, and once that ' +
        'there is enough again, which is a tenth above the threshold. docs/callbacks.md has the parameters of the call.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright stock threshold default 1000 --callback-url https://example.com/stock'],
        ['simwright stock threshold default none'],
      ),
    )
    .action((profileType: string, threshold: number | null, options: Options) =>
      withData(async ({ store, transact, masterKey }) => {
        const accountSid = await chooseAccount(store, options.account);
        const { callbackUrl: url, callbackMethod } = options;
        const problem = url === undefined || url === '' ? undefined : problemOfCallbackUrl(url);
        if (problem !== undefined) throw new UserError(`--callback-url: ${problem}`);
        if (!(await store.stock.hasType(accountSid, profileType))) {
          throw new UserError(
            `The account has no subscriptions of the profile type '${profileType}'; see: simwright stock summary`,
          );
        }
        const callbackUrl = url === undefined ? undefined : url || null;
        const change = { accountSid, profileType, threshold, callbackUrl, callbackMethod };
        await transact((unit) => setThreshold(change, masterKey, unit));
        print(
          threshold === null
            ? `The profile type ${profileType} has no threshold.\n`
            : `The profile type ${profileType} runs low below ${threshold.toLocaleString('en')}.\n`,
        );
      }),
    );
}
