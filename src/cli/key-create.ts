import { Command, Option } from 'commander';
import { createApiKey } from '../operator/account/account.ts';
import { ADMIN, SCOPE_TEXTS, SCOPES, scopeNamed } from '../operator/account/scope.ts';
import type { Scope } from '../operator/account/scope.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { scopeText } from './key-list.ts';
import { accountOption, examples, jsonOption, parseName } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { keyRecord } from './records.ts';
import { renderFields } from './table.ts';

interface Options extends AccountOption, JsonOption {
  name: string;
  scope: Scope | typeof ADMIN;
  readOnly?: true;
}

/** `simwright key create` */
export function keyCreateCommand(): Command {
  return new Command('create')
    .description('create an API key and print its secret, which is shown only once')
    .addOption(accountOption())
    .option('--name <name>', 'a name for people', parseName, 'API key')
    .addOption(
      new Option('--scope <scope>', 'what it may do').choices([...SCOPES, ADMIN]).default('full'),
    )
    .option('--read-only', 'the same as --scope read')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nA program signs in with the SID as user name and the secret as password.',
    )
    .addHelpText(
      'after',
      `\nScopes:\n${SCOPES.map((scope) => `  ${scope.padEnd(7)} ${SCOPE_TEXTS[scope]}`).join('\n')}`,
    )
    .addHelpText(
      'after',
      examples(
        ['simwright key create --name shop --scope orders'],
        ['simwright key create --name dashboard --scope read'],
      ),
    )
    .action((options: Options) =>
      withData(async ({ store, transact }) => {
        const accountSid = await chooseAccount(store, options.account);
        const scope = options.readOnly ? 'read' : scopeNamed(options.scope);
        const { key, secret } = await transact((unit) =>
          createApiKey(accountSid, options.name, scope, unit),
        );
        if (options.json) return printJson({ ...keyRecord(key), secret });
        print(
          renderFields([
            ['API key SID', key.sid],
            ['Name', key.friendly_name],
            ['Account', key.account_sid],
            ['Scope', scopeText(key)],
            ['Secret', secret],
          ]),
        );
      }),
    );
}
