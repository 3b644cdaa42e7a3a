import { Command } from 'commander';
import type { EsimProfileEventRow } from '../store/schema.ts';
import { CALLBACK_COLUMNS } from './callback-list.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { withErrors } from './last-errors.ts';
import { causeText, fieldsOfProfile, transitionText } from './esim-profile-text.ts';
import { findProfile } from './find-profile.ts';
import { accountOption, examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import { callbackRecord, esimProfileRecord, eventRecord } from './records.ts';
import { renderFields } from './table.ts';
import type { TableColumn } from './table.ts';

const EVENT_COLUMNS: TableColumn<EsimProfileEventRow>[] = [
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'STATUS', value: transitionText, style: ({ status }) => styleOfStatus(status) },
  { title: 'CAUSE', flexible: true, value: causeText },
];
const CALLBACK_LIMIT = 1_000;

/** `simwright profile show` */
export function profileShowCommand(): Command {
  return new Command('show')
    .description('show an eSIM Profile, its history and its callbacks')
    .argument('<SID>', 'the eSIM Profile', parseSid('esimProfile'))
    .addOption(accountOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright profile show HP…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withData(async ({ store, publicUrl }) => {
        const accountSid = await chooseAccount(store, options.account);
        const profile = await findProfile(store, accountSid, sid);
        const events = await store.esimProfileEvents.list(accountSid, sid);
        const sent = await store.callbacks.list(accountSid, {
          subject: sid,
          limit: CALLBACK_LIMIT,
        });
        const callbacks = await withErrors(
          accountSid,
          sent.toReversed(),
          store.callbacks,
          ({ callback_sid: of }) => of,
        );
        if (options.json) {
          return printJson({
            ...esimProfileRecord(profile.resource, publicUrl),
            events: events.map(eventRecord),
            callbacks: callbacks.map(callbackRecord),
          });
        }
        print(renderFields(fieldsOfProfile(profile)));
        print('\nHistory\n');
        printTable(EVENT_COLUMNS, events, 'none');
        print('\nCallbacks\n');
        printTable(CALLBACK_COLUMNS, callbacks, 'none');
      }),
    );
}
