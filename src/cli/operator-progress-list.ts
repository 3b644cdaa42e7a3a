import { Command, Option } from 'commander';
import { PROGRESS_STATES } from '../smdp/operators/progress-report.ts';
import type { ProgressReportRow } from '../store/schema.ts';
import { createdBetween } from '../values/sid.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { withErrors } from './last-errors.ts';
import type { WithError } from './last-errors.ts';
import {
  accountOption,
  createdAfterOption,
  createdBeforeOption,
  examples,
  jsonOption,
  limitOption,
  parseIccidOption,
  parseSeveral,
  parseSid,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import { progressReportRecord, stepOf } from './progress-report-text.ts';
import type { TableColumn } from './table.ts';

interface Options extends AccountOption, JsonOption {
  operator?: string;
  iccid?: string;
  state?: (typeof PROGRESS_STATES)[number][];
  createdAfter?: Date;
  createdBefore?: Date;
  limit: number;
}

const COLUMNS: TableColumn<WithError<ProgressReportRow>>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'STATE', value: ({ state }) => state, style: ({ state }) => styleOfStatus(state) },
  { title: 'ICCID', value: ({ iccid }) => iccid },
  { title: 'STEP', flexible: true, value: stepOf },
  { title: 'ATTEMPTS', value: ({ attempts }) => attempts },
  { title: 'ERROR', flexible: true, value: ({ error }) => error, style: () => 'red' },
  {
    title: 'NEXT',
    value: ({ state, next_attempt_at }) => (state === 'pending' ? next_attempt_at : null),
  },
  { title: 'OPERATOR', value: ({ operator_sid }) => operator_sid },
];

/** `simwright operator progress`, and `simwright operator progress list` */
export function operatorProgressListCommand(): Command {
  return new Command('list')
    .description('list the reports of progress to operators, newest first')
    .addOption(accountOption())
    .addOption(
      new Option('--operator <SID>', 'only those to this operator').argParser(parseSid('operator')),
    )
    .option('--iccid <ICCID>', 'only those about this profile', parseIccidOption)
    .addOption(
      new Option('--state <state>', 'only those in this state; repeat it for several')
        .choices(PROGRESS_STATES)
        .argParser(parseSeveral(PROGRESS_STATES)),
    )
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nkept: it is not sent, because the operator has no address for reports, or is revoked.',
    )
    .addHelpText('after', examples(['simwright operator progress --state failed']))
    .action((options: Options) =>
      withData(async ({ store }) => {
        const { operator, iccid, state, limit, createdAfter, createdBefore } = options;
        const accountSid = await chooseAccount(store, options.account);
        const { rows } = await store.progressReportPages(
          { account_sid: accountSid, operator_sid: operator, iccid, state },
          { kind: 'first' },
          limit,
          createdBetween('progressReport', createdAfter, createdBefore),
        );
        const reports = await withErrors(
          accountSid,
          rows,
          store.progressReports,
          ({ progress_report_sid: sid }) => sid,
        );
        if (options.json) return printJson(reports.map(progressReportRecord));
        printTable(COLUMNS, reports, 'No reports found');
      }),
    );
}
