// `simwright eim`: operations on eUICCs, and exactly what was sent for them.
import { Command, Option } from 'commander';
import { cancelAsked, whyNotCancelled } from '../eim/ask-operation.ts';
import { OPERATION_STATUSES, renderOperation } from '../eim/operations/operation.ts';
import { packageNotation } from '../eim/package-notation.ts';
import { ensureEimKeys, rotatePackageKey } from '../eim/server-keys.ts';
import type { EimOperationRow } from '../store/schema.ts';
import { withData } from './data.ts';
import { euiccNamed, ofEuicc, withEim } from './eim-data.ts';
import type { EimData } from './eim-data.ts';
import { examples, jsonOption, limitOption, parseSeveral, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import { styleOfStatus } from './paint.ts';
import type { TableColumn } from './table.ts';
import { renderFields } from './table.ts';
import { UserError } from './user-error.ts';

/** As the API answers with it. */
export const record = (row: EimOperationRow, publicUrl: string): unknown =>
  JSON.parse(renderOperation(row, publicUrl));

const COLUMNS: TableColumn<EimOperationRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'OPERATION', value: ({ kind }) => kind },
  { title: 'STATUS', value: ({ status }) => status, style: ({ status }) => styleOfStatus(status) },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'ENDED', value: ({ date_ended }) => date_ended },
  { title: 'ERROR', flexible: true, value: ({ error_message }) => error_message },
];

interface OperationsOptions extends AccountOption, JsonOption {
  status?: EimOperationRow['status'][];
  limit: number;
}

/** `simwright eim operations` */
export function eimOperationsCommand(): Command {
  return ofEuicc('operations')
    .description(
      'list the operations on an eUICC, newest first; those that have ended, for 90 days',
    )
    .addOption(
      new Option('--status <status>', 'only those with this status; repeat it for several')
        .choices(OPERATION_STATUSES)
        .argParser(parseSeveral(OPERATION_STATUSES)),
    )
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright eim operations EU…'],
        ['simwright eim operations EU… --status queued --status sent', 'that have not ended'],
      ),
    )
    .action((name: string, { status, limit, ...options }: OperationsOptions) =>
      withEim(options, async (eim) => {
        const { eid } = await euiccNamed(name, eim);
        const filter = { eid, status };
        const { rows } = await eim.data.store.eimOperationPages(filter, { kind: 'first' }, limit);
        if (options.json) return printJson(rows.map((row) => record(row, eim.data.publicUrl)));
        printTable(COLUMNS, rows, 'No operations found');
      }),
    );
}

const ofOperation = (name: string) =>
  ofEuicc(name).argument('<OPERATION>', 'its SID', parseSid('eimOperation'));

/** Throws `UserError` if there is no such one. */
async function operationNamed(
  eid: string,
  sid: string,
  { data }: Pick<EimData, 'data'>,
): Promise<EimOperationRow> {
  const row = await data.store.eimOperations.find(eid, sid);
  if (row !== undefined) return row;
  throw new UserError(`There is no operation ${sid} on ${eid}; simwright eim operations ${eid}`);
}

/** `simwright eim operation` */
export function eimOperationCommand(): Command {
  return ofOperation('operation')
    .description('show an operation: what it does, how far it is, and why it has failed')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim operation EU… EO…']))
    .action((name: string, sid: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        const { eid } = await euiccNamed(name, eim);
        const row = await operationNamed(eid, sid, eim);
        if (options.json) return printJson(record(row, eim.data.publicUrl));
        print(renderFields(fieldsOf(row)));
      }),
    );
}

function fieldsOf(row: EimOperationRow): [string, string | number | null][] {
  const isTried = row.status === 'sent' && row.failures > 0;
  return [
    ['SID', row.sid],
    ['EID', row.eid],
    ['Operation', row.kind],
    ['Parameters', row.parameters === '{}' ? 'none' : row.parameters],
    ['Status', row.status],
    ['eSIM Profile', row.esim_profile_sid],
    ['Bulk operation', row.bulk_sid],
    ['Result', row.result],
    ['Error code', row.error_code],
    ['Error message', row.error_message],
    ...(isTried
      ? ([
          ['Attempts failed', `${row.failures}, as the IPA says; more are made`],
          ['Not before', row.date_due],
        ] as [string, string | null][])
      : []),
    ['Created', row.date_created],
    ['First sent', row.date_sent],
    ['Ended', row.date_ended],
  ];
}

/** `simwright eim cancel` */
export function eimCancelCommand(): Command {
  return ofOperation('cancel')
    .description('cancel an operation that was not sent yet, or stop waiting for its result')
    .option('--give-up', 'also one that was sent: it fails with noResult, and the next one is sent')
    .addHelpText(
      'after',
      '\nThe eUICC may still carry out what was given up. A result that it has signed counts whenever it comes.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright eim cancel EU… EO…'],
        ['simwright eim cancel EU… EO… --give-up', 'one that the device refuses again and again'],
      ),
    )
    .action((name: string, sid: string, options: AccountOption & { giveUp?: boolean }) =>
      withEim(options, async (eim) => {
        const { eid } = await euiccNamed(name, eim);
        const row = await operationNamed(eid, sid, eim);
        const { giveUp: isGivenUp = false } = options;
        const left = await eim.data.transact((unit) => cancelAsked(row, { isGivenUp }, unit));
        if (left !== undefined) throw new UserError(whyNotCancelled(left, '--give-up'));
        const { status } = await operationNamed(eid, sid, eim);
        print(status === 'cancelled' ? `Cancelled ${sid}\n` : `Gave up ${sid}\n`);
      }),
    );
}

/** `simwright eim packages` */
export function eimPackagesCommand(): Command {
  return ofOperation('packages')
    .description('show exactly what was sent for an operation and what came back, in ASN.1')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim packages EU… EO…']))
    .action((name: string, sid: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        const { eid } = await euiccNamed(name, eim);
        await operationNamed(eid, sid, eim);
        const packages = await eim.data.store.eimOperations.packagesOf(eid, sid);
        if (options.json) {
          return printJson(
            packages.map(({ request, response, ...row }) => ({
              ...row,
              request: Buffer.from(request).toString('base64'),
              response: response === null ? null : Buffer.from(response).toString('base64'),
            })),
          );
        }
        if (packages.length === 0) return print('Nothing was sent for it\n');
        for (const { number, state, sent, date_sent, request, response } of packages) {
          print(
            `Package ${number}: ${state}, sent ${sent === 1 ? 'once' : `${sent} times`}, last at ${date_sent}\n\n`,
          );
          print(`${packageNotation(request, 'request')}\n\n`);
          print(response === null ? 'No result\n' : `${packageNotation(response, 'response')}\n`);
        }
      }),
    );
}

/** `simwright eim rotate-key` */
export function eimRotateKeyCommand(): Command {
  return new Command('rotate-key')
    .description('make a new key for signing eUICC packages')
    .addHelpText(
      'after',
      '\neUICCs that are registered from now on trust it. The others go on with theirs until they are told:\n' +
        'simwright eim ask EUICC updateEim, which is signed with the key that they trust.',
    )
    .addHelpText('after', examples(['simwright eim rotate-key']))
    .action(() =>
      withData(async (data) => {
        await ensureEimKeys(data);
        print(`Made key ${await rotatePackageKey(data)}\n`);
      }),
    );
}
