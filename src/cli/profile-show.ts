import { Command } from 'commander';
import type { EsimProfileEventRow, EsimProfileRow, SmdsEventRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
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
import { SMDS_EVENT_COLUMNS, smdsEventRecord } from './smds-event-text.ts';
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
    .description('show an eSIM Profile, its history, its callbacks, and where it is announced')
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
          ({ callback_sid }) => callback_sid,
        );
        const announced = await announcementsOf(profile, store);
        if (options.json) {
          return printJson({
            ...esimProfileRecord(profile.resource, publicUrl),
            events: events.map(eventRecord),
            callbacks: callbacks.map(callbackRecord),
            ...(announced.length === 0 ? {} : { smds_events: announced.map(smdsEventRecord) }),
          });
        }
        print(renderFields(fieldsOfProfile(profile)));
        print('\nHistory\n');
        printTable(EVENT_COLUMNS, events, 'none');
        print('\nCallbacks\n');
        printTable(CALLBACK_COLUMNS, callbacks, 'none');
        if (announced.length === 0) return;
        print('\nEvents at SM-DSs\n');
        printTable(SMDS_EVENT_COLUMNS, announced, 'none');
      }),
    );
}

/** Where the order waits, or waited, for its device. */
async function announcementsOf(
  { account_sid: accountSid, sid, iccid }: EsimProfileRow,
  { smdsEvents }: Pick<Store, 'smdsEvents'>,
): Promise<SmdsEventRow[]> {
  if (iccid === null) return [];
  const events = await smdsEvents.list(accountSid, iccid);
  return events.filter(({ ordered_by }) => ordered_by === sid);
}
