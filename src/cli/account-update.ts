import { Command, Option } from 'commander';
import { changeAccount } from '../operator/account/settings.ts';
import type { AccountChange } from '../operator/account/settings.ts';
import { problemOfCallbackUrl } from '../operator/callback-url.ts';
import { RELEASE_AGAIN } from '../operator/release-policy.ts';
import { callbackMethodOption, callbackText, checkCallbackUrl } from './callback-url.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { accountRecord } from './records.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

type Options = Omit<AccountChange, 'euiccCallbacks'> &
  JsonOption & { euiccCallbacks?: 'on' | 'off' };

/** `simwright account update` */
export function accountUpdateCommand(): Command {
  return new Command('update')
    .description('change the settings of an account')
    .argument('<SID>', 'the account', parseSid('account'))
    .addOption(
      new Option(
        '--release-again <when>',
        'release a subscription again, as a new order, when its eUICC has reported that it has no such profile',
      ).choices(RELEASE_AGAIN),
    )
    .option(
      '--callback-url <URL>',
      "called about all orders and Sims that have no URL of their own, also those from before; '' removes it",
    )
    .addOption(callbackMethodOption())
    .addOption(
      new Option(
        '--euicc-callbacks <on|off>',
        'whether that URL is called about eUICCs of the eIM, and operations on them, as well',
      ).choices(['on', 'off']),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nfailure: after a failed installation, at most three times in a row; deletion: after the profile was deleted on\n' +
        'the device; both; off.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright account update AC… --release-again deletion'],
        ['simwright account update AC… --callback-url https://example.com/status'],
        ["simwright account update AC… --callback-url ''", 'remove it'],
      ),
    )
    .action((sid: string, { json, euiccCallbacks, ...given }: Options) =>
      withData(async ({ transact, masterKey }) => {
        const change = {
          ...given,
          ...(euiccCallbacks === undefined ? {} : { euiccCallbacks: euiccCallbacks === 'on' }),
        };
        if (change.callbackUrl) checkCallbackUrl(change.callbackUrl, problemOfCallbackUrl);
        if (Object.keys(change).length === 0) {
          throw new UsageError('Give at least one change, such as --release-again deletion');
        }
        const account = await transact((unit) => changeAccount(sid, change, masterKey, unit));
        if (account === undefined) throw new UserError(`There is no account ${sid}`);
        if (json) return printJson(accountRecord(account));
        print(
          renderFields([
            ['Account SID', account.sid],
            ['Name', account.friendly_name],
            ['Release again', account.release_again],
            ['Callback', callbackText(account) ?? 'none'],
            ['eUICC callbacks', account.euicc_callbacks === 1 ? 'on' : 'off'],
          ]),
        );
      }),
    );
}
