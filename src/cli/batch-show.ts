import { Command } from 'commander';
import { findBatch, printBatch } from './batch-text.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';

/** `simwright batch show` */
export function batchShowCommand(): Command {
  return new Command('show')
    .description('show how far a batch has got')
    .argument('<SID>', 'the batch', parseSid('batch'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright batch show BT…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async (data) => {
        const accountSid = await chooseAccount(data.store, options.account);
        await printBatch(await findBatch(data.store, accountSid, sid), options, data);
      }),
    );
}
