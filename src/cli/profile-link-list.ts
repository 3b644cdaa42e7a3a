import { Command } from 'commander';
import { renderInstallLink } from '../operator/install/resource.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

type Link = ReturnType<typeof renderInstallLink>;

const COLUMNS: TableColumn<Link>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  {
    title: 'STATE',
    value: ({ state }) => state,
    style: ({ state }) => (state === 'active' ? 'green' : undefined),
  },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'EXPIRES', value: ({ date_expires }) => date_expires },
  { title: 'REVOKED', value: ({ date_revoked }) => date_revoked },
];

/** `simwright profile link list` */
export function profileLinkListCommand(): Command {
  return new Command('list')
    .description('list the install links of an eSIM Profile, newest first, without their URLs')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright profile link list HP…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async ({ store, now, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        await findProfile(store, accountSid, sid);
        const rows = await store.installLinks.list(accountSid, sid);
        const links = rows.map((row) => renderInstallLink(row, now, publicUrl));
        if (options.json) return printJson(links);
        printTable(COLUMNS, links, 'The eSIM Profile has no install links');
      }),
    );
}
