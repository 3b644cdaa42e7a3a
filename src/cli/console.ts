import { Command } from 'commander';
import { consoleLink, createConsoleTicket } from '../operator/account/console-session.ts';
import { apiDate } from '../values/date.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { accountOption, examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { problemOfServer } from './reach-server.ts';

/** `simwright console` */
export function consoleCommand(): Command {
  return new Command('console')
    .description('print a link that signs a browser in to the console, once, within an hour')
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe server serves the page, see simwright start; a warning says if it cannot be reached.',
    )
    .addHelpText('after', examples(['simwright console']))
    .action((options: AccountOption & JsonOption) =>
      withData(async ({ store, transact, publicUrl }) => {
        const sid = await chooseAccount(store, options.account);
        const account = (await store.accounts.find(sid))!;
        const { ticket, dateExpires } = await transact((unit) =>
          createConsoleTicket(account, unit),
        );
        const url = consoleLink(publicUrl, ticket);
        const problem = await problemOfServer(publicUrl);
        if (problem !== undefined) process.stderr.write(`${problem}\n`);
        if (!options.json) return print(`${url}\n`);
        printJson({ url, account_sid: sid, date_expires: apiDate(dateExpires) });
      }),
    );
}
