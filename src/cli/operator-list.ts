import { Command } from 'commander';
import { withData } from './data.ts';
import { operatorRecords, validUntil } from './operator-text.ts';
import type { OperatorRecord } from './operator-text.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

const columns = (now: Date): TableColumn<OperatorRecord>[] => [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'NAME', flexible: true, value: ({ friendly_name }) => friendly_name },
  { title: 'ACCOUNT', value: ({ account_sid }) => account_sid },
  { title: 'REQUESTER', value: ({ requester_identifier }) => requester_identifier ?? 'any' },
  { title: 'VALID UNTIL', value: (operator) => validUntil(operator, now) },
  { title: 'REVOKED', value: ({ date_revoked }) => date_revoked },
];

/** `simwright operator list` */
export function operatorListCommand(): Command {
  return new Command('list')
    .description('list the operators, oldest first')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright operator list']))
    .action(({ account, json }: AccountOption & JsonOption) =>
      withData(async (data) => {
        const operators = (await operatorRecords(data)).filter(
          ({ account_sid: owner }) => account === undefined || owner === account,
        );
        if (json) return printJson(operators);
        printTable(columns(data.now), operators, 'There are no operators');
      }),
    );
}
