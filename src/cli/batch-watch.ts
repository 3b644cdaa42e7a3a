import { Command } from 'commander';
import { endWithBatch, findBatch, followBatch, printBatch } from './batch-text.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';

/** `simwright batch watch` */
export function batchWatchCommand(): Command {
  return new Command('watch')
    .description('show the progress of a batch until it has ended')
    .argument('<SID>', 'the batch', parseSid('batch'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe progress is written to stderr, and what became of the batch to stdout. The exit code is 1 if it has ' +
        'failed, or an item was refused.',
    )
    .addHelpText('after', examples(['simwright batch watch BT…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async (data) => {
        const accountSid = await chooseAccount(data.store, options.account);
        const batch = await followBatch(await findBatch(data.store, accountSid, sid), data);
        await printBatch(batch, options, data);
        endWithBatch(batch);
      }),
    );
}
