import { Command } from 'commander';
import { scopeOf } from '../operator/account/scope.ts';
import type { ApiKeyRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { keyRecord } from './records.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<ApiKeyRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'NAME', flexible: true, value: ({ friendly_name }) => friendly_name },
  { title: 'SCOPE', value: scopeText },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'REVOKED', value: ({ date_revoked }) => date_revoked },
];

export function scopeText(key: Pick<ApiKeyRow, 'scope' | 'role'>): string {
  const scope = scopeOf(key);
  return scope === 'read' ? 'read only' : scope;
}

/** `simwright key list` */
export function keyListCommand(): Command {
  return new Command('list')
    .description('list the API keys of an account, oldest first')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright key list']))
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const keys = await store.accounts.listKeys(accountSid);
        if (options.json) return printJson(keys.map(keyRecord));
        printTable(COLUMNS, keys, 'The account has no API keys');
      }),
    );
}
