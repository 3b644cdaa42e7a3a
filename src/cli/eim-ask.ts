// `simwright eim ask`: one operation on one eUICC.
import { Argument } from 'commander';
import type { Command } from 'commander';
import { askOperation, previewOperation } from '../eim/ask-operation.ts';
import type { CallbackColumns, OperationKind } from '../eim/operations/operation.ts';
import { OPERATION_KINDS } from '../eim/operations/operation.ts';
import { callbackColumns, problemOfCallbackChoice } from '../operator/callback-url.ts';
import type { HttpMethod } from '../store/schema.ts';
import { callbackMethodOption, checkCallbackUrl } from './callback-url.ts';
import { confirmationCodeOption, readConfirmationCode } from './confirmation-code.ts';
import { euiccNamed, ofEuicc, withEim } from './eim-data.ts';
import { record } from './eim-operations.ts';
import { parametersGiven, withParameters } from './eim-parameters.ts';
import type { ParameterOptions } from './eim-parameters.ts';
import { watch } from './eim-watch.ts';
import { examples, jsonOption } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { problemOfServer } from './reach-server.ts';
import { renderFields } from './table.ts';

interface AskOptions extends AccountOption, JsonOption, ParameterOptions {
  activationCode?: string;
  defaultSmdp?: true;
  smds?: true | string;
  confirmationCode?: string;
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
  dryRun?: true;
  wait?: true;
}

const ASK_HELP = `
What needs what (--iccid is that of a profile on the eUICC, as simwright eim show lists them):

  download                  --activation-code, or --default-smdp, or --smds; --enable, --rollback, --confirmation-code
  enable, disable, delete   --iccid; enable also --rollback
  setFallbackAttribute      --iccid
  setDefaultDpAddress       --address
  configureImmediateEnable  --immediate-enable; --address, --smdp-oid
  addEim, deleteEim         --configuration; --eim-id
  package                   --commands
  listProfileInfo, getRAT, listEim, unsetFallbackAttribute, updateEim, euiccData   nothing

For a new profile, order it for the EID instead (simwright profile order --eid EID): it is downloaded and enabled by itself.`;

/** `simwright eim ask` */
export function eimAskCommand(): Command {
  const command = ofEuicc('ask')
    .description(
      'have an eUICC do something when its device polls the next time, or at once if its IPA listens',
    )
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
    .option('--dry-run', 'check it, show what would be sent, in ASN.1, and do nothing')
    .option('--wait', 'print what becomes of it until it has ended; exit code 1 if it has failed')
    .addOption(jsonOption())
    .addHelpText('after', ASK_HELP)
    .addHelpText(
      'after',
      examples(
        ['simwright eim ask 89049032000000000000000000000163 listProfileInfo --wait'],
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
        const { activationCode, smds, callbackUrl } = options;
        const confirmationCode = await readConfirmationCode(options.confirmationCode);
        const parameters = await parametersGiven(options);
        if (callbackUrl) checkCallbackUrl(callbackUrl, problemOfCallbackChoice);
        const callback: CallbackColumns = {
          ...callbackColumns(callbackUrl, eim.accountSid, eim.data.masterKey),
          callback_method: options.callbackMethod ?? 'POST',
        };
        const asked = {
          ...parameters,
          kind,
          activationCode,
          contactDefaultSmdp: options.defaultSmdp,
          contactSmds: smds !== undefined,
          smdsAddress: typeof smds === 'string' ? smds : undefined,
          confirmationCode,
          callback,
        };
        if (options.dryRun) {
          const preview = await previewOperation(euicc, asked, eim.rules);
          if (options.json) return printJson({ dry_run: true, kind, ...preview });
          return print(`${preview.package}\n`);
        }
        const row = await eim.data.transact((unit) => askOperation(euicc, asked, eim.rules, unit));
        if (options.wait) {
          const problem = await problemOfServer(eim.data.publicUrl);
          if (problem !== undefined) process.stderr.write(`${problem}\nDevices poll a server.\n`);
          return watch(euicc.sid, row.sid, options, eim);
        }
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
