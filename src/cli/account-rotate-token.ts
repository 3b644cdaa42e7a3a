import { Command } from 'commander';
import { rotateAuthToken } from '../operator/account/account.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

/** `simwright account rotate-token` */
export function accountRotateTokenCommand(): Command {
  return new Command('rotate-token')
    .description(
      'give an account a new auth token and print it; the old one is revoked at once (for reads: within a second)',
    )
    .argument('<SID>', 'the account', parseSid('account'))
    .addOption(jsonOption())
    .addHelpText('after', '\nCallbacks are signed with the new token from now on.')
    .addHelpText('after', examples(['simwright account rotate-token AC…']))
    .action((sid: string, options: JsonOption) =>
      withData(async ({ masterKey, transact }) => {
        const authToken = await transact((unit) => rotateAuthToken(sid, masterKey, unit));
        if (authToken === undefined) throw new UserError(`There is no account ${sid}`);
        if (options.json) return printJson({ sid, auth_token: authToken });
        print(
          renderFields([
            ['Account SID', sid],
            ['Auth token', authToken],
          ]),
        );
      }),
    );
}
