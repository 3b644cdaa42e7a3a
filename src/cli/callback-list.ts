import { Command, Option } from 'commander';
import { CALLBACK_STATES } from '../operator/callback.ts';
import type { CallbackState } from '../operator/callback.ts';
import { shownCallbackUrl } from '../operator/callback-url.ts';
import { createdBetween } from '../values/sid.ts';
import type { CallbackRow } from '../store/schema.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { withErrors } from './last-errors.ts';
import type { WithError } from './last-errors.ts';
import {
  accountOption,
  createdAfterOption,
  createdBeforeOption,
  examples,
  jsonOption,
  limitOption,
  parseSeveral,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import { callbackRecord } from './records.ts';
import type { TableColumn } from './table.ts';

interface Options extends AccountOption, JsonOption {
  resource?: string;
  state?: CallbackState[];
  createdAfter?: Date;
  createdBefore?: Date;
  limit: number;
}

export const CALLBACK_COLUMNS: TableColumn<WithError<CallbackRow>>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'STATE', value: ({ state }) => state, style: ({ state }) => styleOfStatus(state) },
  { title: 'STATUS', value: toldStatus },
  { title: 'ATTEMPTS', value: ({ attempts }) => attempts },
  { title: 'ERROR', flexible: true, value: ({ error }) => error, style: () => 'red' },
  {
    title: 'NEXT',
    value: ({ state, next_attempt_at }) => (state === 'pending' ? next_attempt_at : null),
  },
  { title: 'RESOURCE', value: ({ resource_sid }) => resource_sid },
  {
    title: 'URL',
    flexible: true,
    value: ({ method, url }) => `${method} ${shownCallbackUrl(url)}`,
  },
];

/** `simwright callback list` */
export function callbackListCommand(): Command {
  return new Command('list')
    .description('list callbacks, newest first')
    .addOption(accountOption())
    .option('--resource <SID>', 'only those about this eSIM Profile or Sim')
    .addOption(
      new Option('--state <state>', 'only those in this state; repeat it for several')
        .choices(CALLBACK_STATES)
        .argParser(parseSeveral(CALLBACK_STATES)),
    )
    .addOption(createdAfterOption())
    .addOption(createdBeforeOption())
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright callback list --state failed']))
    .action((options: Options) =>
      withData(async ({ store }) => {
        const { resource, state, limit, createdAfter, createdBefore } = options;
        const accountSid = await chooseAccount(store, options.account);
        const { rows } = await store.callbackPages(
          { account_sid: accountSid, resource_sid: resource, state },
          { kind: 'first' },
          limit,
          createdBetween('callback', createdAfter, createdBefore),
        );
        const callbacks = await withErrors(
          accountSid,
          rows,
          store.callbacks,
          ({ callback_sid: sid }) => sid,
        );
        if (options.json) return printJson(callbacks.map(callbackRecord));
        printTable(CALLBACK_COLUMNS, callbacks, 'No callbacks found');
      }),
    );
}

/** The status that a callback reports. */
function toldStatus({ parameters }: CallbackRow): string | null {
  const pairs = JSON.parse(parameters) as [name: string, value: string][];
  return pairs.find(([name]) => name === 'Status')?.[1] ?? null;
}
