import { Command } from 'commander';
import { revokeApiKey } from '../operator/account/account.ts';
import { withData } from './data.ts';
import { examples, parseSid } from './options.ts';
import { print } from './output.ts';
import { UserError } from './user-error.ts';

/** `simwright key revoke` */
export function keyRevokeCommand(): Command {
  return new Command('revoke')
    .description('revoke an API key at once (for reads: within a second), permanently')
    .argument('<SID>', 'the API key', parseSid('apiKey'))
    .addHelpText('after', examples(['simwright key revoke SK…']))
    .action((sid: string) =>
      withData(async ({ store, transact }) => {
        const key = await store.accounts.findKey(sid);
        if (key === undefined) throw new UserError(`There is no API key ${sid}`);
        const revoked = await transact((unit) => revokeApiKey(key.account_sid, sid, unit));
        print(revoked ? `${sid} is revoked\n` : `${sid} was already revoked\n`);
      }),
    );
}
