import { Command, Option } from 'commander';
import {
  RETRIABLE_PROGRESS_STATES,
  retryManyReports,
  retryProgressReports,
} from '../smdp/operators/progress-report.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProgressReport } from './operator-progress-show.ts';
import { accountOption, examples, parseSid } from './options.ts';
import type { AccountOption } from './options.ts';
import { print } from './output.ts';
import { retryAll } from './retry-all.ts';
import { UsageError } from './user-error.ts';

interface Options extends AccountOption {
  unsent?: true;
  operator?: string;
}

/** `simwright operator progress retry` */
export function operatorProgressRetryCommand(): Command {
  const parse = parseSid('progressReport');
  const more = (sid: string, others: string[] = []) => [...others, parse(sid)];
  return new Command('retry')
    .description(
      'send reports of progress again at once, even ones that were given up or delivered',
    )
    .argument('[SID...]', 'the reports', more)
    .addOption(accountOption())
    .option('--unsent', 'all that were given up, kept, or wait for their next attempt')
    .addOption(
      new Option('--operator <SID>', 'with --unsent: only those to this operator').argParser(
        parseSid('operator'),
      ),
    )
    .addHelpText(
      'after',
      '\nThe server sends them: see simwright start. Those about one profile are sent in the order in which they happened.',
    )
    .addHelpText('after', examples(['simwright operator progress retry --unsent --operator OP…']))
    .action((given: string[] | undefined, options: Options) =>
      withData(async (data) => {
        const { store, transact } = data;
        const sids = given ?? [];
        if (sids.length > 0 === (options.unsent ?? false)) {
          throw new UsageError('Name the reports, or give --unsent');
        }
        const accountSid = await chooseAccount(store, options.account);
        for (const sid of sids) await findProgressReport(store, accountSid, sid);
        const unsent = {
          account_sid: accountSid,
          operator_sid: options.operator,
          state: RETRIABLE_PROGRESS_STATES,
        };
        const count = options.unsent
          ? await retryAll((after) => retryManyReports(unsent, after, {}, data))
          : await transact((unit) => retryProgressReports(accountSid, sids, unit));
        print(`${count === 1 ? '1 report is' : `${count} reports are`} due now\n`);
      }),
    );
}
