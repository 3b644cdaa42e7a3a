import { Command } from 'commander';
import { authTokenOf } from '../operator/account/account.ts';
import { callbackText } from './callback-url.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { accountRecord } from './records.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

/** `simwright account show` */
export function accountShowCommand(): Command {
  return new Command('show')
    .description('show an account, with --token also its auth token')
    .argument('<SID>', 'the account', parseSid('account'))
    .option('--token', 'print the auth token too')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright account show AC… --token']))
    .action((sid: string, options: { token?: true } & JsonOption) =>
      withData(async ({ store, masterKey }) => {
        const account = await store.accounts.find(sid);
        if (account === undefined) throw new UserError(`There is no account ${sid}`);
        const authToken = options.token && authTokenOf(account, masterKey);
        if (options.json) {
          return printJson({
            ...accountRecord(account),
            ...(authToken === undefined ? {} : { auth_token: authToken }),
          });
        }
        print(
          renderFields([
            ['Account SID', account.sid],
            ['Name', account.friendly_name],
            ['Release again', account.release_again],
            ['Callback', callbackText(account) ?? 'none'],
            ['eUICC callbacks', account.euicc_callbacks === 1 ? 'on' : 'off'],
            ['Created', account.date_created],
            ['Auth token', authToken ?? 'not shown; --token shows it'],
          ]),
        );
      }),
    );
}
