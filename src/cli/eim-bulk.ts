// `simwright eim bulk`: bulk operations listed, shown, watched, paused, resumed and cancelled.
import { Command, Option } from 'commander';
import { BULK_STATUSES, cancelBulk, pauseBulk, resumeBulk } from '../eim/fleet/bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import type { BulkKey } from '../store/bulk-operations.ts';
import type { BulkOperationRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { bulkNamed, endWith, follow, ofBulk, printBulk } from './eim-bulk-progress.ts';
import { withEim } from './eim-data.ts';
import { accountOption, examples, jsonOption, limitOption, parseSeveral } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<BulkOperationRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'STATUS', value: ({ status }) => status, style: ({ status }) => styleOfStatus(status) },
  { title: 'OPERATION', value: ({ kind }) => kind },
  { title: 'EUICCS', value: ({ item_count }) => item_count },
  { title: 'REFUSED', value: ({ refused }) => refused },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'ENDED', value: ({ date_ended }) => date_ended },
];

interface ListOptions extends AccountOption, JsonOption {
  limit: number;
  status?: BulkOperationRow['status'][];
}

/** `simwright eim bulk list` */
export function eimBulkListCommand(): Command {
  return new Command('list')
    .description('list bulk operations, newest first; those that have ended, for 90 days')
    .addOption(accountOption())
    .addOption(
      new Option('--status <status>', 'only those with this status; repeat it for several')
        .choices(BULK_STATUSES)
        .argParser(parseSeveral(BULK_STATUSES)),
    )
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim bulk list --status halted']))
    .action((options: ListOptions) =>
      withEim(options, async ({ data: { store, publicUrl }, accountSid }) => {
        const filter = { account_sid: accountSid, status: options.status };
        const { rows } = await store.bulkOperationPages(filter, { kind: 'first' }, options.limit);
        if (options.json) {
          return printJson(rows.map((row) => JSON.parse(renderBulk(row, publicUrl)) as object));
        }
        printTable(COLUMNS, rows, 'No bulk operations found');
      }),
    );
}

/** `simwright eim bulk show` */
export function eimBulkShowCommand(): Command {
  return ofBulk('show')
    .description('show how far a bulk operation has got')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim bulk show BO…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        await printBulk(await bulkNamed(sid, eim), options, eim);
      }),
    );
}

/** `simwright eim bulk watch` */
export function eimBulkWatchCommand(): Command {
  return ofBulk('watch')
    .description('show the progress of a bulk operation until it has ended, or is paused or halted')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe progress is written to stderr, and what became of it to stdout. The exit code is 1 if it is halted, or an eUICC has ' +
        'failed or was refused.',
    )
    .addHelpText('after', examples(['simwright eim bulk watch BO…']))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        const row = await follow(await bulkNamed(sid, eim), eim);
        await printBulk(row, options, eim);
        await endWith(row, eim);
      }),
    );
}

function changing(
  name: string,
  description: string,
  help: string,
  change: (key: BulkKey, unit: Unit) => Promise<BulkOperationRow | undefined>,
): Command {
  return ofBulk(name)
    .description(description)
    .addOption(jsonOption())
    .addHelpText('after', `\n${help}`)
    .addHelpText('after', examples([`simwright eim bulk ${name} BO…`]))
    .action((sid: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        const found = await bulkNamed(sid, eim);
        const row = await eim.data.transact((unit) => change(found, unit));
        await printBulk(row ?? found, options, eim);
      }),
    );
}

/** `simwright eim bulk pause` */
export const eimBulkPauseCommand = (): Command =>
  changing(
    'pause',
    'pause a bulk operation: nothing more is sent until it is resumed',
    'What was sent goes on.',
    pauseBulk,
  );

/** `simwright eim bulk resume` */
export const eimBulkResumeCommand = (): Command =>
  changing(
    'resume',
    'go on with a bulk operation that is paused or halted',
    'Of a halted one, those that have failed by now no longer count against --maximum-failures.',
    resumeBulk,
  );

/** `simwright eim bulk cancel` */
export const eimBulkCancelCommand = (): Command =>
  changing(
    'cancel',
    'cancel a bulk operation: what was not sent is taken back',
    'What was sent is not taken back. Orders that were placed stay: simwright profile cancel.',
    cancelBulk,
  );
