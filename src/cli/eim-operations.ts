// `simwright eim`: operations on eUICCs, and exactly what was sent for them.
import { Argument, Command } from 'commander';
import { ApiError } from '../api/api-error.ts';
import { commandsIn } from '../api/euicc-commands.ts';
import { askOperation, cancelAsked } from '../eim/euiccs.ts';
import type { CallbackColumns, OperationKind } from '../eim/operations/operation.ts';
import { OPERATION_KINDS, renderOperation } from '../eim/operations/operation.ts';
import { packageNotation } from '../eim/package-notation.ts';
import { ensureEimKeys, rotatePackageKey } from '../eim/server-keys.ts';
import { callbackColumns, problemOfCallbackChoice } from '../operator/callback-url.ts';
import type { EimOperationRow, HttpMethod } from '../store/schema.ts';
import { callbackMethodOption, checkCallbackUrl } from './callback-url.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { withData } from './data.ts';
import { readText } from './operator-files.ts';
import { euiccNamed, ofEuicc, withEim } from './eim-data.ts';
import { withParameters } from './eim-parameters.ts';
import { examples, jsonOption, parseSid } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson, printTable } from './output.ts';
import type { TableColumn } from './table.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface AskOptions extends AccountOption, JsonOption {
  iccid?: string;
  rollback?: true;
  activationCode?: string;
  defaultSmdp?: true;
  smds?: true | string;
  confirmationCode?: string;
  enable?: true;
  address?: string;
  configuration?: string;
  eimId?: string;
  immediateEnable?: 'on' | 'off';
  smdpOid?: string;
  commands?: string;
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
}

const record = (row: EimOperationRow, publicUrl: string): unknown =>
  JSON.parse(renderOperation(row, publicUrl));

/** `simwright eim ask` */
export function eimAskCommand(): Command {
  const command = ofEuicc('ask')
    .description('have an eUICC do something when its device polls the next time')
    .addArgument(new Argument('<operation>', 'by its name in SGP.32').choices(OPERATION_KINDS));
  return withParameters(command)
    .option('--activation-code <code>', 'of download: that of an eSIM Profile, of any SM-DP+')
    .option('--default-smdp', 'of download, instead: from the default SM-DP+ of the eUICC')
    .option(
      '--smds [host]',
      'of download, instead: what waits at an SM-DS, by default the root SM-DS',
    )
    .addOption(confirmationCodeOption('of download: the confirmation code of the profile'))
    .option(
      '--callback-url <URL>',
      'called when its status changes; by default, that of the eUICC; none: no callbacks',
    )
    .addOption(callbackMethodOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['simwright eim ask 89049032000000000000000000000163 listProfileInfo'],
        ["simwright eim ask EU… download --activation-code 'LPA:1$localhost:8443$ABC' --enable"],
        ['simwright eim ask EU… enable --iccid 89882110000000000014 --rollback'],
        [
          `simwright eim ask EU… package --commands '[{"kind":"disable","iccid":"89…"},{"kind":"delete","iccid":"89…"}]'`,
        ],
      ),
    )
    .action((name: string, kind: OperationKind, options: AskOptions) =>
      withEim(options, async (eim) => {
        const euicc = await euiccNamed(name, eim);
        const { iccid, rollback, enable, address, activationCode, smds, eimId } = options;
        const confirmationCode = await readConfirmationCode(options.confirmationCode);
        const configuration =
          options.configuration && (await readText(options.configuration)).toString('base64');
        const { callbackUrl, immediateEnable, commands } = options;
        if (callbackUrl) checkCallbackUrl(callbackUrl, problemOfCallbackChoice);
        const callback: CallbackColumns = {
          ...callbackColumns(callbackUrl, eim.accountSid, eim.data.masterKey),
          callback_method: options.callbackMethod ?? 'POST',
        };
        const asked = {
          kind,
          iccid,
          rollback,
          enable,
          address,
          activationCode,
          contactDefaultSmdp: options.defaultSmdp,
          contactSmds: smds !== undefined,
          smdsAddress: typeof smds === 'string' ? smds : undefined,
          confirmationCode,
          configuration,
          eimId,
          smdpOid: options.smdpOid,
          immediateEnable: immediateEnable && immediateEnable === 'on',
          commands: commands === undefined ? undefined : commandsGiven(commands),
          callback,
        };
        const row = await eim.data.transact((unit) => askOperation(euicc, asked, eim.rules, unit));
        if (options.json) return printJson(record(row, eim.data.publicUrl));
        print(
          renderFields([
            ['Operation SID', row.sid],
            ['Status', row.status],
          ]),
        );
      }),
    );
}

/** Throws `UsageError`. */
export function commandsGiven(json: string): ReturnType<typeof commandsIn> {
  try {
    return commandsIn(json);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new UsageError(error.message.replace('Invalid parameter Commands', '--commands'));
  }
}

const COLUMNS: TableColumn<EimOperationRow>[] = [
  { title: 'SID', value: ({ sid }) => sid },
  { title: 'OPERATION', value: ({ kind }) => kind },
  {
    title: 'STATUS',
    value: ({ status }) => status,
    style: ({ status }) =>
      status === 'completed' ? 'green' : status === 'failed' ? 'red' : undefined,
  },
  { title: 'CREATED', value: ({ date_created }) => date_created },
  { title: 'ENDED', value: ({ date_ended }) => date_ended },
  { title: 'ERROR', flexible: true, value: ({ error_message }) => error_message },
];

/** `simwright eim operations` */
export function eimOperationsCommand(): Command {
  return ofEuicc('operations')
    .description('list the operations on an eUICC, newest first')
    .addOption(jsonOption())
    .addHelpText('after', examples(['simwright eim operations EU…']))
    .action((name: string, options: AccountOption & JsonOption) =>
      withEim(options, async (eim) => {
        const { eid } = await euiccNamed(name, eim);
        const { rows } = await eim.data.store.eimOperationPages({ eid }, { kind: 'first' }, 1_000);
        if (options.json) return printJson(rows.map((row) => record(row, eim.data.publicUrl)));
        printTable(COLUMNS, rows, 'There are no operations on the eUICC');
      }),
    );
}

const ofOperation = (name: string) =>
  ofEuicc(name).argument('<OPERATION>', 'its SID', parseSid('eimOperation'));

/** `simwright eim cancel` */
export function eimCancelCommand(): Command {
  return ofOperation('cancel')
    .description('cancel an operation that was not sent yet')
    .addHelpText('after', examples(['simwright eim cancel EU… EO…']))
    .action((name: string, sid: string, options: AccountOption) =>
      withEim(options, async (eim) => {
        const { eid } = await euiccNamed(name, eim);
        const row = await eim.data.store.eimOperations.find(eid, sid);
        if (row === undefined) throw new UserError(`There is no operation ${sid} on ${eid}`);
        const isCancelled = await eim.data.transact((unit) => cancelAsked(row, unit));
        if (!isCancelled) {
          throw new UserError(
            `The operation is ${row.status}; only a queued one can be cancelled, or one whose last attempt has failed`,
          );
        }
        print(`Cancelled ${sid}\n`);
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
