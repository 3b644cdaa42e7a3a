import { Command } from 'commander';
import { BatchHasEnded, cancelBatch } from '../operator/batch/batch.ts';
import { findBatch, printBatch } from './batch-text.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { UserError } from './user-error.ts';

/** `simwright batch cancel` */
export function batchCancelCommand(): Command {
  return new Command('cancel')
    .description('order no more of a batch; what is ordered stays')
    .argument('<SID>', 'the batch', parseSid('batch'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nStock that is reserved for the rest returns. To cancel an order that was placed: simwright profile cancel.',
    )
    .addHelpText('after', examples(['simwright batch cancel BT…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async (data) => {
        const { store, transact } = data;
        const accountSid = await chooseAccount(store, options.account);
        const batch = await findBatch(store, accountSid, sid);
        const cancelled = await transact((unit) => cancelBatch(batch, unit)).catch(
          (error: unknown) => {
            throw error instanceof BatchHasEnded ? new UserError(error.message) : error;
          },
        );
        await printBatch(cancelled!, options, data);
      }),
    );
}
