import { Command } from 'commander';
import { parseEntry } from '../audit/entry.ts';
import { auditPage } from '../audit/find.ts';
import type { AuditEntryRow } from '../store/schema.ts';
import { createdBetween } from '../values/sid.ts';
import { withData } from './data.ts';
import {
  accountOption,
  createdAfterOption,
  createdBeforeOption,
  examples,
  jsonOption,
  limitOption,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

interface Options extends AccountOption, JsonOption {
  operation?: string;
  actor?: string;
  subject?: string;
  createdAfter?: Date;
  createdBefore?: Date;
  limit: number;
}

const COLUMNS: TableColumn<AuditEntryRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'TIME', value: (row) => parseEntry(row).date },
  { title: 'OPERATION', value: ({ operation }) => operation },
  {
    title: 'OUTCOME',
    value: (row) => parseEntry(row).outcome,
    style: (row) => (parseEntry(row).outcome === 'denied' ? 'red' : undefined),
  },
  { title: 'ACTOR', value: ({ actor }) => actor },
  {
    title: 'SUBJECT',
    value: (row) => row.subject ?? `${parseEntry(row).changes.length} subjects`,
  },
  { title: 'ADDRESS', flexible: true, value: (row) => parseEntry(row).address ?? null },
];

/** `simwright audit list` */
export function auditListCommand(): Command {
  return new Command('list')
    .description('list who changed what, newest first, of all accounts and the server itself')
    .addOption(accountOption())
    .option('--operation <name>', 'only this operation, such as CreateKey or "pki import"')
    .option('--actor <name>', 'only by this account, key or operator (SID), or user@host')
    .option('--subject <name>', 'only about this SID, ICCID or name')
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nOrders that one caller has placed at the same time share an entry. To find one by --subject, name its --account too.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright audit list --actor SK…', 'what an API key has done'],
        ['simwright audit list --operation "pki import"'],
      ),
    )
    .action((options: Options) =>
      withData(async ({ store }) => {
        const { account, operation, actor, subject, createdAfter, createdBefore } = options;
        const { rows } = await auditPage(
          { accountSid: account, operation, actor, subject },
          { kind: 'first' },
          options.limit,
          createdBetween('auditEntry', createdAfter, createdBefore),
          store,
        );
        if (options.json) return printJson(rows.map(parseEntry));
        printTable(COLUMNS, rows, 'No entries found');
      }),
    );
}
