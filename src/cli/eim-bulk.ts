// `simwright eim bulk`: one operation on each of many eUICCs.
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import {
  BULK_STATUSES,
  cancelBulk,
  countBulk,
  checkBulk,
  createBulk,
  MAXIMUM_FAILURES,
  MOST_RATE,
  pauseBulk,
  resumeBulk,
} from '../eim/fleet/bulk.ts';
import type { BulkCounts, BulkItem } from '../eim/fleet/bulk.ts';
import {
  BULK_ITEM_STATES,
  BULK_RESULT_COLUMNS,
  renderBulkItem,
  walkBulkItems,
} from '../eim/fleet/bulk-items.ts';
import type { BulkItemState } from '../eim/fleet/bulk-items.ts';
import { EUICC_STATES } from '../eim/fleet/groups.ts';
import { prepareBulk } from '../eim/fleet/prepare-bulk.ts';
import type { Preparing } from '../eim/fleet/prepare-bulk.ts';
import { renderBulk } from '../eim/fleet/render-bulk.ts';
import type { Asked } from '../eim/euiccs.ts';
import type { OperationKind } from '../eim/operations/operation.ts';
import { OPERATION_KINDS } from '../eim/operations/operation.ts';
import {
  problemOfCallbackUrl,
  sealCallbackUrl,
  shownCallbackUrl,
} from '../operator/callback-url.ts';
import { EXPORT_FORMATS, exportFile } from '../operator/export/export-file.ts';
import type { ExportFormat } from '../operator/export/export-file.ts';
import type { BulkKey } from '../store/bulk-operations.ts';
import type { BulkOperationRow, EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { HOW } from './change-profile.ts';
import { commandsGiven } from './eim-operations.ts';
import { withEim } from './eim-data.ts';
import { withParameters } from './eim-parameters.ts';
import type { EimData } from './eim-data.ts';
import { groupNamed } from './eim-groups.ts';
import { linesOf, parseItems, readCsv } from './eim-import.ts';
import { onInterrupt } from './interrupt.ts';
import { readText } from './operator-files.ts';
import {
  accountOption,
  columnsOption,
  examples,
  jsonOption,
  limitOption,
  parseCount,
  parseDateOption,
  parseEid,
  parseProfileType,
  parseSeveral,
  parseSid,
} from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { friendlyNameOption, metadataOption, ownerFieldsOf } from './owner-fields.ts';
import type { OwnerFieldOptions } from './owner-fields.ts';
import { styleOfStatus } from './paint.ts';
import { progressBar } from './progress.ts';
import { problemOfServer } from './reach-server.ts';
import type { TableColumn } from './table.ts';
import { renderFields } from './table.ts';
import { EndWith, UsageError, UserError } from './user-error.ts';
import { writeWhole } from './write-file.ts';

interface CreateOptions extends AccountOption, JsonOption, OwnerFieldOptions {
  group?: string;
  all?: true;
  eid?: string[];
  status?: EuiccRow['state'][];
  seenAfter?: Date;
  seenBefore?: Date;
  iccid?: string;
  profile?: string;
  rollback?: true;
  enable?: true;
  address?: string;
  configuration?: string;
  eimId?: string;
  immediateEnable?: 'on' | 'off';
  smdpOid?: string;
  commands?: string;
  order?: true;
  profileType?: string;
  batch?: string;
  rate?: number;
  maximumFailures?: string;
  canary?: number;
  canaryApproval?: true;
  expiresAt?: Date;
  callbackUrl?: string;
  dryRun?: true;
  wait?: true;
}

const HELP = `
Name the eUICCs by --group, by --all, by --eid, or by FILE.csv with a line of names, Eid, Iccid and ActivationCode, and a
line for each; - reads it from stdin. Which eUICCs these are is decided now, and not again.

A download needs a profile for each: --order orders one for the EID of each; --batch takes those of a batch of orders.
--profile says which profile of each eUICC is meant: the only one that is enabled or disabled there, or that which a bulk
download has installed.

The server carries it out: see simwright start. The exit code is 1 if it is halted or an eUICC has failed.`;

const operationArgument = () =>
  new Argument('<operation>', 'by its name in SGP.32').choices(OPERATION_KINDS);

/** `simwright eim bulk create` */
export function eimBulkCreateCommand(): Command {
  const withTargets = new Command('create')
    .description('have many eUICCs do something')
    .addArgument(operationArgument())
    .argument('[FILE.csv]', 'an eUICC on each line')
    .addOption(accountOption())
    .option('--group <GROUP>', 'those of this group: its name, or its SID')
    .option('--all', 'all eUICCs of the account')
    .addOption(
      new Option('--eid <EID>', 'this one; repeat it for several').argParser(
        (text, given: string[] | undefined) => [...(given ?? []), parseEid(text)],
      ),
    )
    .addOption(
      new Option('--status <status>', 'of a group or of all: only those with this status')
        .choices(EUICC_STATES)
        .argParser(parseSeveral(EUICC_STATES)),
    )
    .option('--seen-after <date>', 'only those that have polled since', parseDateOption)
    .option('--seen-before <date>', 'only those that have not polled since', parseDateOption);
  return withParameters(withTargets)
    .option('--profile <which>', 'instead of --iccid: enabled, disabled, or BO… of a bulk download')
    .option('--order', 'of download: order a profile for each')
    .option('--profile-type <type>', 'of --order: take this profile type', parseProfileType)
    .addOption(friendlyNameOption(', of each order'))
    .addOption(metadataOption(', of each order'))
    .option('--batch <BT…>', 'of download: profiles of this batch, one for each', parseSid('batch'))
    .option('--rate <N>', 'give so many eUICCs theirs in a minute', parseCount(MOST_RATE))
    .option('--maximum-failures <N>', 'halt when more have failed: N, or N%', parseFailures)
    .option('--canary <N>', 'so many go first, and all must succeed', parseCount(10_000))
    .option('--canary-approval', 'pause when these have succeeded')
    .option('--expires-at <date>', 'what was not sent by then is not sent', parseDateOption)
    .option('--callback-url <URL>', 'called when it is halted or has ended', parseUrl)
    .option('--dry-run', 'say which eUICCs it would be about, and do nothing')
    .option('--wait', 'show the progress until it has ended')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright eim bulk create listProfileInfo --all --rate 600 --wait'],
        ['simwright eim bulk create download --group Berlin --order --profile-type new'],
        [
          'simwright eim bulk create enable --group Berlin --profile BO… --rollback --canary 20 --maximum-failures 1%',
        ],
      ),
    )
    .action((kind: OperationKind, file: string | undefined, options: CreateOptions) =>
      withEim(options, async (eim) => {
        const { canary, canaryApproval = false, expiresAt } = options;
        const limits = { canary, canaryApproval, expiresAt };
        const { preparing, target } = await preparingOf(kind, file, options, eim);
        const orderOf = await orderIn(options, eim);
        checkBulk(limits, eim.data.now);
        const { parameters, items } = await prepareBulk(preparing, eim.rules);
        const problems = items.flatMap(problemAt);
        if (options.dryRun) {
          const counts = { count: items.length, valid: items.length - problems.length };
          if (options.json) return printJson({ dry_run: true, ...counts, problems });
          return print(`${counts.count} eUICCs, ${counts.valid} valid\n${linesOf(problems)}`);
        }
        if (items.length === problems.length) {
          const why = items.length === 0 ? 'No eUICC matches' : linesOf(problems).trimEnd();
          throw new UserError(`Nothing is done: ${why}`);
        }
        const { accountSid, data } = eim;
        const stored =
          options.callbackUrl && sealCallbackUrl(options.callbackUrl, accountSid, data.masterKey);
        let row = await data.transact((unit) =>
          createBulk(
            {
              accountSid,
              kind,
              parameters,
              items,
              orderOf,
              target,
              rate: options.rate,
              maximumFailures: options.maximumFailures,
              ...limits,
              callback: stored
                ? { url: stored, method: 'POST', shown: shownCallbackUrl(stored) }
                : undefined,
              placedBy: HOW,
            },
            unit,
          ),
        );
        if (options.wait) row = await follow(row, eim);
        await printBulk(row, options, eim);
        if (options.wait) await endWith(row, eim);
      }),
    );
}

function parseFailures(text: string): string {
  if (MAXIMUM_FAILURES.test(text)) return text;
  throw new InvalidArgumentError(`Expected a number, or a percentage such as 5%; got '${text}'.`);
}

function parseUrl(text: string): string {
  const problem = problemOfCallbackUrl(text);
  if (problem === undefined) return text;
  throw new InvalidArgumentError(`${problem[0]!.toUpperCase()}${problem.slice(1)}.`);
}

const problemAt = (item: BulkItem, index: number) =>
  'problem' in item ? [{ item: index + 1, message: item.problem }] : [];

/** Throws `UserError`, `UsageError`. */
async function preparingOf(
  kind: OperationKind,
  file: string | undefined,
  options: CreateOptions,
  eim: EimData,
): Promise<{ preparing: Preparing; target: Readonly<Record<string, unknown>> }> {
  const { group, all, eid: eids, profile, batch: batchSid } = options;
  const named = [group, all, eids, file].filter((one) => one !== undefined);
  if (named.length !== 1) {
    throw new UsageError('Name the eUICCs by one of --group, --all, --eid, or a CSV file');
  }
  const { iccid, rollback, enable, address, eimId, smdpOid, immediateEnable: allowed } = options;
  const immediateEnable = allowed === undefined ? undefined : allowed === 'on';
  const commands = options.commands === undefined ? undefined : commandsGiven(options.commands);
  const configuration =
    options.configuration && (await readText(options.configuration)).toString('base64');
  const asked = {
    kind,
    iccid,
    rollback,
    enable,
    address,
    configuration,
    eimId,
    smdpOid,
    immediateEnable,
    commands,
  } as Asked;
  const { accountSid } = eim;
  const common = { accountSid, asked, profile, batchSid, hasOrder: options.order ?? false };
  const chosen = {
    ...(profile === undefined ? {} : { profile }),
    ...(batchSid === undefined ? {} : { batch_sid: batchSid }),
  };
  if (group !== undefined || all) {
    const groupSid = group === undefined ? undefined : (await groupNamed(group, eim)).sid;
    const { status: states, seenAfter, seenBefore } = options;
    const target = {
      ...(groupSid === undefined ? { all_euiccs: true } : { group_sid: groupSid }),
      ...(states === undefined ? {} : { status: states }),
      ...(seenAfter === undefined ? {} : { seen_after: seenAfter.toISOString() }),
      ...(seenBefore === undefined ? {} : { seen_before: seenBefore.toISOString() }),
      ...chosen,
    };
    const filter = { accountSid, groupSid, states, seenAfter, seenBefore };
    return { preparing: { ...common, of: { filter } }, target };
  }
  const { status, seenAfter, seenBefore } = options;
  if ([status, seenAfter, seenBefore].some((filter) => filter !== undefined)) {
    throw new UsageError('--status, --seen-after and --seen-before go with --group or --all');
  }
  const items = file === undefined ? eids!.map((eid) => ({ eid })) : await itemsOf(file);
  return { preparing: { ...common, of: { items } }, target: { list: true, ...chosen } };
}

async function itemsOf(file: string) {
  const { ItemParameters, givenItemOf } = await import('../api/createBulkOperation.ts');
  return parseItems({ csv: await readCsv(file), common: {}, file }, ItemParameters, givenItemOf);
}

/** Throws `UserError`. */
async function orderIn(options: CreateOptions, { data, accountSid }: EimData) {
  const { friendlyName, metadata } = ownerFieldsOf(options);
  const { orderIn: checked } = await import('../api/createBulkOperation.ts');
  const { orderRules } = await import('../operator/placeOrder.ts');
  const given = {
    Order: options.order,
    ProfileType: options.profileType,
    OrderFriendlyName: friendlyName,
    OrderMetadata: metadata ?? undefined,
  };
  try {
    return checked(given, accountSid, orderRules(data.config, data.now));
  } catch (error) {
    if ((error as Error).name !== 'ApiError') throw error;
    throw new UserError((error as Error).message, { cause: error });
  }
}

/** Throws `UserError` if the account has no such one. */
async function bulkNamed(sid: string, { accountSid, data: { store } }: EimData) {
  const row = await store.bulkOperations.find({ account_sid: accountSid, sid });
  if (row !== undefined) return row;
  throw new UserError(`There is no bulk operation ${sid} in account ${accountSid}`);
}

async function printBulk(
  row: BulkOperationRow,
  { json }: JsonOption,
  { data: { store, publicUrl } }: EimData,
): Promise<void> {
  const counts = await countBulk(row, store);
  if (json) return printJson(JSON.parse(renderBulk(row, publicUrl, counts)));
  const why: [string, string | null][] = [
    ['Error code', row.error_code],
    ['Error message', row.error_message],
  ];
  print(
    renderFields([
      ['SID', row.sid],
      ['Status', row.status],
      ['Operation', row.kind],
      ['eUICCs', row.item_count],
      ...fieldsOf(counts),
      ['Rate', row.rate === null ? 'all at once' : `${row.rate} a minute`],
      ['Maximum failures', row.maximum_failures ?? 'any'],
      ...(row.error_code === null ? [] : why),
      ['Created', row.date_created],
      ['Expires', row.date_expires],
      ['Ended', row.date_ended],
    ]),
  );
}

const TITLES: Record<keyof BulkCounts, string> = {
  waiting: 'Waiting',
  queued: 'Queued',
  sent: 'Sent',
  completed: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  refused: 'Refused',
  not_sent: 'Not sent',
};

const fieldsOf = (counts: BulkCounts): [string, number][] =>
  Object.entries(TITLES)
    .map(([name, title]): [string, number] => [title, counts[name as keyof BulkCounts]])
    .filter(([, count]) => count > 0);

const LOOK_MS = 500;

/** Shows how far it has got until it ends, does not go on by itself, or Ctrl-C. */
async function follow(first: BulkOperationRow, eim: EimData): Promise<BulkOperationRow> {
  const { store, publicUrl } = eim.data;
  const interrupted = onInterrupt();
  using bar = progressBar();
  for (let looked = 0; ; looked++) {
    const row = await bulkNamed(first.sid, eim);
    if (row.step === null || row.step === 'hold' || interrupted.aborted) return row;
    if (looked === 0) {
      const problem = await problemOfServer(publicUrl);
      if (problem !== undefined) {
        process.stderr.write(`${problem}\nA server carries the bulk operation out.\n`);
      }
    }
    const { completed, failed, cancelled, refused, waiting, queued, sent } = await countBulk(
      row,
      store,
    );
    const done = completed + failed + cancelled + refused;
    const note = `${failed} failed, ${sent} sent, ${queued} queued, ${waiting} waiting`;
    bar.show(row.is_canary === 1 ? 'Canaries' : 'eUICCs', done / row.item_count, done, note);
    await sleep(LOOK_MS);
  }
}

/** The exit code tells whether all of one that has ended have done it. */
async function endWith(row: BulkOperationRow, { data: { store } }: EimData): Promise<void> {
  const { failed, refused } = await countBulk(row, store);
  if (row.status === 'halted' || failed + refused > 0) throw new EndWith(1);
}

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

const ofBulk = (name: string) =>
  new Command(name)
    .argument('<SID>', 'the bulk operation', parseSid('bulkOperation'))
    .addOption(accountOption());

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

interface ResultOptions extends AccountOption {
  format: ExportFormat;
  columns?: string[];
  spreadsheet?: true;
  state?: BulkItemState[];
  output?: string;
}

/** As a shell reports a process that was interrupted. */
const INTERRUPTED = 130;

/** `simwright eim bulk result` */
export function eimBulkResultCommand(): Command {
  return ofBulk('result')
    .description('write what became of each eUICC of a bulk operation to a file')
    .addOption(
      new Option('--format <format>', 'the form of the file')
        .choices(EXPORT_FORMATS)
        .default('csv'),
    )
    .addOption(columnsOption(BULK_RESULT_COLUMNS))
    .option('--spreadsheet', 'CSV for a spreadsheet instead of a program')
    .addOption(
      new Option('--state <state>', 'only eUICCs in this state; repeat it for several')
        .choices(BULK_ITEM_STATES)
        .argParser(parseSeveral(BULK_ITEM_STATES)),
    )
    .option('--output <FILE>', 'the file to write; by default it is printed')
    .addHelpText('after', `\nColumns: ${BULK_RESULT_COLUMNS.join(', ')}.`)
    .addHelpText(
      'after',
      examples(['simwright eim bulk result BO… --state failed --columns eid,error_message']),
    )
    .action((sid: string, options: ResultOptions) => {
      const { format, columns, spreadsheet, state: states, output } = options;
      if (spreadsheet === true && format !== 'csv') {
        throw new UsageError(`--spreadsheet is for --format csv; got ${format}`);
      }
      return withEim(options, async (eim) => {
        const bulk = await bulkNamed(sid, eim);
        const signal = onInterrupt();
        using bar = progressBar();
        async function* pages(): AsyncGenerator<string[]> {
          for await (const items of walkBulkItems(bulk, { states, signal }, eim.data.store)) {
            yield items.map(renderBulkItem);
            const last = items.at(-1)!.item;
            bar.show('eUICCs', last / bulk.item_count, last);
          }
        }
        const form = {
          format,
          columns: columns ?? BULK_RESULT_COLUMNS,
          whole: columns === undefined,
          spreadsheet,
        };
        try {
          const file = exportFile(pages(), form);
          if (output === undefined) await pipeline(file, process.stdout, { end: false });
          else await writeWhole(output, file);
        } catch (error) {
          if (signal.aborted) throw new EndWith(INTERRUPTED);
          throw error;
        }
      });
    });
}
