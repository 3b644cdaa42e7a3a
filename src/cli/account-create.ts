import { Command } from 'commander';
import { createAccount } from '../operator/account/account.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseName } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { accountRecord } from './records.ts';
import { renderFields } from './table.ts';

/** `simwright account create` */
export function accountCreateCommand(): Command {
  return new Command('create')
    .description('create an account and print its auth token')
    .option('--name <name>', 'a name for people', parseName, 'Account')
    .addOption(jsonOption())
    .addHelpText('after', examples(["simwright account create --name 'Lab 2'"]))
    .action((options: { name: string } & JsonOption) =>
      withData(async ({ masterKey, transact }) => {
        const created = await transact((unit) =>
          createAccount({ friendlyName: options.name }, masterKey, unit),
        );
        // Never undefined: its random SID cannot be taken.
        const { account, authToken } = created!;
        if (options.json) return printJson({ ...accountRecord(account), auth_token: authToken });
        print(
          renderFields([
            ['Account SID', account.sid],
            ['Name', account.friendly_name],
            ['Auth token', authToken],
          ]),
        );
      }),
    );
}
