import { Command } from 'commander';
import { shownCallbackUrl } from '../operator/callback-url.ts';
import type { AttemptRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findCallback } from './find-callback.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { attemptRecord, callbackRecord } from './records.ts';
import { renderFields } from './table.ts';
import type { TableColumn } from './table.ts';

export const ATTEMPT_COLUMNS: TableColumn<AttemptRow>[] = [
  { title: 'ATTEMPT', value: ({ attempt }) => attempt },
  { title: 'STARTED', value: ({ date_started }) => date_started },
  { title: 'MS', value: ({ duration_ms }) => duration_ms },
  { title: 'STATUS', value: ({ status_code }) => status_code },
  { title: 'ERROR', flexible: true, value: ({ error }) => error, style: () => 'red' },
  { title: 'RESPONSE', flexible: true, value: ({ response }) => response },
];

/** `simwright callback show` */
export function callbackShowCommand(): Command {
  return new Command('show')
    .description('show a callback, its parameters and every attempt to deliver it')
    .argument('<SID>', 'the callback', parseSid('callback'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright callback show CB…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async ({ store }) => {
        const accountSid = await chooseAccount(store, options.account);
        const callback = await findCallback(store, accountSid, sid);
        const attempts = await store.callbacks.attempts(accountSid, sid);
        const parameters = JSON.parse(callback.parameters) as [name: string, value: string][];
        if (options.json) {
          return printJson({
            ...callbackRecord(callback),
            parameters: Object.fromEntries(parameters),
            log: attempts.map(attemptRecord),
          });
        }
        print(
          renderFields([
            ['SID', callback.sid],
            ['State', callback.state],
            ['Resource', callback.resource_sid],
            ['URL', `${callback.method} ${shownCallbackUrl(callback.url)}`],
            ['Created', callback.date_created],
            ['Next attempt', callback.state === 'pending' ? callback.next_attempt_at : null],
            ['Settled', callback.date_settled],
          ]),
        );
        print(`\nParameters\n${renderFields(parameters)}\nAttempts\n`);
        printTable(ATTEMPT_COLUMNS, attempts, 'none yet');
      }),
    );
}
