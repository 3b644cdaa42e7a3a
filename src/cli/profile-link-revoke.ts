import { Command } from 'commander';
import { revokeInstallLink } from '../operator/install/install-link.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

/** `simwright profile link revoke` */
export function profileLinkRevokeCommand(): Command {
  return new Command('revoke')
    .description('revoke an install link at once, permanently; the activation code stays as it is')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .argument('<LINK-SID>', 'its install link', parseSid('installLink'))
    .addOption(accountOption())
    .addHelpText('after', examples(['simwright profile link revoke HP… IL…']))
    .action((sid: string, linkSid: string, options: AccountOption) =>
      withData(async ({ store, transact }) => {
        const accountSid = await chooseAccount(store, options.account);
        const revoked = await transact((unit) => revokeInstallLink(accountSid, sid, linkSid, unit));
        if (revoked === undefined) {
          throw new UserError(`eSIM Profile ${sid} has no install link ${linkSid}`);
        }
        print(revoked ? `${linkSid} is revoked\n` : `${linkSid} was already revoked\n`);
      }),
    );
}
