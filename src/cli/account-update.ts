import { Command, Option } from 'commander';
import { RELEASE_AGAIN } from '../operator/release-policy.ts';
import type { ReleaseAgain } from '../store/schema.ts';
import { withData } from './data.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { accountRecord } from './records.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

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
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nfailure: after a failed installation, at most three times in a row; deletion: after the profile was deleted on\n' +
        'the device; both; off.',
    )
    .addHelpText('after', examples(['simwright account update AC… --release-again deletion']))
    .action((sid: string, options: { releaseAgain?: ReleaseAgain } & JsonOption) =>
      withData(async ({ transact }) => {
        const { releaseAgain } = options;
        if (releaseAgain === undefined) {
          throw new UsageError('Give at least one change, such as --release-again deletion');
        }
        const account = await transact(async ({ tables }) => {
          await tables.accounts.setReleaseAgain(sid, releaseAgain);
          return tables.accounts.find(sid);
        });
        if (account === undefined) throw new UserError(`There is no account ${sid}`);
        if (options.json) return printJson(accountRecord(account));
        print(
          renderFields([
            ['Account SID', account.sid],
            ['Name', account.friendly_name],
            ['Release again', account.release_again],
          ]),
        );
      }),
    );
}
