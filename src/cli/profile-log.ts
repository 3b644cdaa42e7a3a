import { Command } from 'commander';
import { describeLogged } from '../smdp/download/logged-message.ts';
import { listRspLog, renderRspLogEntry } from '../smdp/download/rsp-log.ts';
import { formatStatusCode, reasons, subjects } from '../rsp/status-codes.ts';
import type { RspLogRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';
import { timeText } from './time-text.ts';

interface LogOptions extends AccountOption, JsonOption {
  messages?: boolean;
}

const COLUMNS: TableColumn<RspLogRow>[] = [
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'FUNCTION', value: (row) => row.function },
  { title: 'OUTCOME', flexible: true, value: outcomeOf },
  { title: 'EID', value: ({ eid }) => eid ?? '' },
  {
    title: 'DEVICE',
    flexible: true,
    value: ({ tac, lpa, binding }) =>
      [tac, lpa, binding === 'asn1' && '(ASN.1)'].filter(Boolean).join(' '),
  },
  { title: 'ADDRESS', value: ({ address }) => address ?? '' },
  { title: 'MS', value: ({ duration_ms }) => String(duration_ms) },
];

/** `simwright profile log` */
export function profileLogCommand(): Command {
  return new Command('log')
    .description(
      'show the RSP log of an eSIM Profile: every ES9+ call about it, and where it was announced (ES12)',
    )
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .option('--messages', 'show the messages too, in ASN.1 value notation')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(['simwright profile log HP…'], ['simwright profile log HP… --messages']),
    )
    .action((sid: string, options: LogOptions) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        await findProfile(store, accountSid, sid);
        const rows = await listRspLog({ accountSid, order: sid }, store);
        if (options.json) {
          return printJson(rows.map((row): unknown => JSON.parse(renderRspLogEntry(row))));
        }
        if (options.messages !== true) return printTable(COLUMNS, rows, 'no device has called yet');
        for (const row of rows) {
          print(`${timeText(row.date_created)} ${row.function}: ${outcomeOf(row)}\n`);
          print(`${describeLogged(row.request)}\n${describeLogged(row.response ?? '')}\n\n`);
        }
      }),
    );
}

function outcomeOf(row: RspLogRow): string {
  const { status, subject_code: subjectCode, reason_code: reasonCode, message } = row;
  if (subjectCode === null || reasonCode === null) return status;
  const words: Readonly<Partial<Record<string, string>>> = { ...subjects };
  const why: Readonly<Partial<Record<string, string>>> = { ...reasons };
  const text = message ?? `${words[subjectCode] ?? ''}: ${why[reasonCode] ?? ''}`;
  return `${status} ${formatStatusCode({ subjectCode, reasonCode })}: ${text}`;
}
