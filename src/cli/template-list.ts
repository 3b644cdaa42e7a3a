import { Command } from 'commander';
import type { MasterKey } from '../process/keys.ts';
import { sharedSecretsOf } from '../smdp/package/shared-secrets.ts';
import type { ProfileTemplateRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

type TemplateRecord = ReturnType<typeof templateRecord>;

const COLUMNS: TableColumn<TemplateRecord>[] = [
  { title: 'PROFILE TYPE', value: ({ profile_type }) => profile_type },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  {
    title: 'METADATA',
    flexible: true,
    value: ({ metadata }) => Object.keys(metadata).join(', '),
  },
  { title: 'SHARED SECRETS', flexible: true, value: sharedSecretsText },
];

/** `simwright template list` */
export function templateListCommand(): Command {
  return new Command('list')
    .description('list the templates by profile type')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright template list']))
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store, masterKey }) => {
        const accountSid = await chooseAccount(store, options.account);
        const rows = await store.profilePackages.listTemplates(accountSid);
        const templates = rows.map((row) => templateRecord(row, masterKey));
        if (options.json) return printJson(templates);
        printTable(
          COLUMNS,
          templates,
          'The account has no templates; its profiles are made from the built-in one',
        );
      }),
    );
}

export function templateRecord(row: ProfileTemplateRow, masterKey: MasterKey) {
  const { profile_type, metadata, date_created } = row;
  const { places, areAllowed } = sharedSecretsOf(row, masterKey);
  return {
    profile_type,
    metadata: JSON.parse(metadata) as Record<string, unknown>,
    shared_secrets: places,
    shared_secrets_allowed: areAllowed,
    date_created,
  };
}

/** Empty if no secrets are shared. */
export function sharedSecretsText({
  shared_secrets: places,
  shared_secrets_allowed: areAllowed,
}: Pick<TemplateRecord, 'shared_secrets' | 'shared_secrets_allowed'>): string {
  return `${areAllowed ? '' : 'NOT ALLOWED: '}${places.join(', ')}`;
}
