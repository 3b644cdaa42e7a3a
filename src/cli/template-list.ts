import { Command } from 'commander';
import type { ProfileTemplateRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<ProfileTemplateRow>[] = [
  { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
  { title: 'IMPORTED', value: ({ date_created }) => date_created },
  {
    title: 'METADATA',
    flexible: true,
    value: ({ metadata }) => Object.keys(parse(metadata)).join(', '),
  },
];

/** `simwright template list` */
export function templateListCommand(): Command {
  return new Command('list')
    .description('list the templates by profile type')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright template list']))
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const templates = await store.profilePackages.listTemplates(accountSid);
        if (options.json) return printJson(templates.map(templateRecord));
        printTable(
          COLUMNS,
          templates,
          'The account has no templates; its profiles are made from our own',
        );
      }),
    );
}

export function templateRecord({ profile_type, metadata, date_created }: ProfileTemplateRow) {
  return { profile_type, metadata: parse(metadata), date_created };
}

function parse(metadata: string): Record<string, unknown> {
  return JSON.parse(metadata) as Record<string, unknown>;
}
