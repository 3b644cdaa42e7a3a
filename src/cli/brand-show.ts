import { Command } from 'commander';
import { renderBrand } from '../operator/install/resource.ts';
import type { BrandRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { renderFields } from './table.ts';

/** `simwright brand show` */
export function brandShowCommand(): Command {
  return new Command('show')
    .description('show how the install pages of an account look')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright brand show']))
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const row = await store.brands.find(accountSid);
        if (options.json) printJson(renderBrand(accountSid, row, publicUrl));
        else print(renderFields(fieldsOfBrand(accountSid, row)));
      }),
    );
}

export function fieldsOfBrand(
  accountSid: string,
  row: BrandRow | undefined,
): [name: string, value: string | null][] {
  const logo = row?.logo ?? null;
  return [
    ['Account', accountSid],
    ['Name', row?.name ?? null],
    ['Accent colour', row?.accent_color ?? null],
    ['Support text', row?.support_text ?? null],
    ['Support link', row?.support_url ?? null],
    ['Logo', logo === null ? null : `${row!.logo_type}, ${logo.length} bytes`],
    ['Changed', row?.date_updated ?? null],
  ];
}
