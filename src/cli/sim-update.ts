import { auditSim } from '../operator/audited.ts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { problemOfCallbackChoice } from '../operator/callback-url.ts';
import { changeSim, SimChangeRefused } from '../operator/sim.ts';
import type { SimChange } from '../operator/sim.ts';
import { AlreadyExists } from '../store/errors.ts';
import type { HttpMethod, SimStatus } from '../store/schema.ts';
import { callbackMethodOption, checkCallbackUrl } from './callback-url.ts';
import { chooseAccount } from './choose-account.ts';
import { withData } from './data.ts';
import { findSim } from './find-sim.ts';
import { accountOption, examples, jsonOption, parseName } from './options.ts';
import type { AccountOption, JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { fieldsOfSim, simRecord } from './sim-text.ts';
import { renderFields } from './table.ts';
import { UsageError, UserError } from './user-error.ts';

interface Options extends AccountOption, JsonOption {
  uniqueName?: string;
  status?: SimStatus;
  fleet?: string;
  callbackUrl?: string;
  callbackMethod?: HttpMethod;
}

/** `simwright sim update` */
export function simUpdateCommand(): Command {
  return new Command('update')
    .description('change the name, the status, the Fleet or the callback of a Sim')
    .argument('<SID>', 'the Sim, by its SID or its unique name')
    .addOption(accountOption())
    .option('--unique-name <name>', "a name for it; '' removes it", parseUniqueName)
    .addOption(
      new Option('--status <status>', 'its new status').choices(['ready', 'active', 'inactive']),
    )
    .option('--fleet <HF…>', 'the Fleet that it belongs to', parseFleet)
    .option(
      '--callback-url <URL>',
      "called when the status has changed; '': that of the account; none: no callbacks",
    )
    .addOption(callbackMethodOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nThe server applies a change of status soon after: see simwright start.',
    )
    .addHelpText(
      'after',
      examples(
        ['simwright sim update HS… --status active --unique-name meter-17'],
        ["simwright sim update meter-17 --unique-name ''", 'remove its name'],
      ),
    )
    .action((name: string, options: Options) =>
      withData(async ({ store, masterKey, transact, publicUrl }) => {
        const change = changeOf(options);
        if (options.callbackUrl) checkCallbackUrl(options.callbackUrl, problemOfCallbackChoice);
        if (Object.keys(change).length === 0) {
          throw new UsageError('Give at least one change, such as --status active');
        }
        const accountSid = await chooseAccount(store, options.account);
        const changed = await transact(async (unit) => {
          const { tables, now } = unit;
          const sim = await findSim(tables.sims, 'lock', accountSid, name);
          const row = changeSim(sim, change, masterKey, now);
          await tables.sims.update(row);
          await auditSim(sim, row, unit);
          return row;
        }).catch((error: unknown) => {
          throw inWords(error, options);
        });
        if (options.json) printJson(simRecord(changed, publicUrl));
        else print(renderFields(fieldsOfSim(changed)));
      }),
    );
}

function changeOf({ uniqueName, status, fleet, callbackUrl, callbackMethod }: Options): SimChange {
  return {
    ...(uniqueName === undefined ? {} : { uniqueName: uniqueName || null }),
    ...(status === undefined ? {} : { status }),
    ...(fleet === undefined ? {} : { fleetSid: fleet }),
    ...(callbackUrl === undefined ? {} : { callbackUrl: callbackUrl || null }),
    ...(callbackMethod === undefined ? {} : { callbackMethod }),
  };
}

const parseUniqueName = (text: string) => (text === '' ? '' : parseName(text));

function parseFleet(text: string): string {
  if (/^HF[0-9a-f]{32}$/i.test(text)) return text;
  throw new InvalidArgumentError(`Expected HF and 32 hexadecimal digits; got '${text}'.`);
}

function inWords(error: unknown, { uniqueName }: Options): unknown {
  if (error instanceof SimChangeRefused) {
    const message = error.message.replace('UniqueName', 'The unique name');
    return new UserError(message, { cause: error });
  }
  if (error instanceof AlreadyExists) {
    return new UserError(`Another Sim has the unique name ${uniqueName}`, { cause: error });
  }
  return error;
}
