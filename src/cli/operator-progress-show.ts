import { Command } from 'commander';
import type { ProgressInfo } from '../smdp/operators/progress-report.ts';
import type { ProgressReportRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { ATTEMPT_COLUMNS } from './callback-show.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { progressReportRecord, stepOf } from './progress-report-text.ts';
import { attemptRecord } from './records.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

/** `simwright operator progress show` */
export function operatorProgressShowCommand(): Command {
  return new Command('show')
    .description('show a report of progress, and every attempt to deliver it')
    .argument('<SID>', 'the report', parseSid('progressReport'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright operator progress show PR…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const report = await findProgressReport(store, accountSid, sid);
        const attempts = await store.progressReports.attempts(accountSid, sid);
        if (options.json) {
          const log = attempts.map(attemptRecord);
          return printJson({ ...progressReportRecord(report), log });
        }
        const info = JSON.parse(report.request) as ProgressInfo;
        print(
          renderFields([
            ['SID', report.sid],
            ['Operator', report.operator_sid],
            ['State', report.state],
            ['ICCID', report.iccid],
            ['EID', info.eid ?? null],
            ['Profile type', info.profileType],
            ['Step', stepOf(report)],
            ['At', info.timestamp],
            ['Call', info.header.functionCallIdentifier],
            ['Result data', info.resultData ?? null],
            ['Next attempt', report.state === 'pending' ? report.next_attempt_at : null],
            ['Settled', report.date_settled],
          ]),
        );
        print('\nAttempts\n');
        printTable(ATTEMPT_COLUMNS, attempts, 'none yet');
      }),
    );
}

/** Throws `UserError` if the account has no such report. */
export async function findProgressReport(
  store: Store,
  accountSid: string,
  sid: string,
): Promise<ProgressReportRow> {
  const report = await store.progressReports.find(accountSid, sid);
  if (report !== undefined) return report;
  throw new UserError(`There is no report ${sid} in account ${accountSid}`);
}
