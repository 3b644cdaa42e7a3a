// What the commands of SGP.32 need to know, of one eUICC as of many.
import { Option } from 'commander';
import type { Command } from 'commander';
import { ApiError } from '../api/api-error.ts';
import { commandsIn } from '../api/euicc-commands.ts';
import type { AskedCommand } from '../eim/ask-operation.ts';
import { readText } from './operator-files.ts';
import { UsageError } from './user-error.ts';

/** As `withParameters` declares them. */
export interface ParameterOptions {
  iccid?: string;
  rollback?: true;
  enable?: true;
  address?: string;
  configuration?: string;
  eimId?: string;
  immediateEnable?: 'on' | 'off';
  smdpOid?: string;
  commands?: string;
}

export function withParameters(command: Command): Command {
  return command
    .option('--iccid <ICCID>', 'of enable, disable, delete, setFallbackAttribute: the profile')
    .option(
      '--rollback',
      'of enable: go back to the profile before if this one has no connectivity',
    )
    .option('--enable', 'of download: enable the profile then')
    .option(
      '--address <host>',
      "of setDefaultDpAddress: the SM-DP+, '' for none; of configureImmediateEnable: from which alone",
    )
    .addOption(
      new Option(
        '--immediate-enable <on|off>',
        'of configureImmediateEnable: whether profiles are enabled right after their installation',
      ).choices(['on', 'off']),
    )
    .option('--smdp-oid <OID>', 'of configureImmediateEnable: from the SM-DP+ with this OID alone')
    .option('--configuration <file>', 'of addEim: the onboarding file of the other eIM')
    .option('--eim-id <text>', 'of deleteEim: the eIM that is to be forgotten')
    .option('--commands <JSON>', 'of package: its commands, as the API takes them');
}

/** What was given of them, as the eIM takes it. */
export async function parametersGiven(options: ParameterOptions) {
  const { iccid, rollback, enable, address, eimId, smdpOid, immediateEnable, commands } = options;
  const configuration =
    options.configuration && (await readText(options.configuration)).toString('base64');
  return {
    iccid,
    rollback,
    enable,
    address,
    configuration,
    eimId,
    smdpOid,
    immediateEnable: immediateEnable && immediateEnable === 'on',
    commands: commands === undefined ? undefined : commandsGiven(commands),
  };
}

function commandsGiven(json: string): AskedCommand[] {
  try {
    return commandsIn(json);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new UsageError(error.message.replace('Invalid parameter Commands', '--commands'));
  }
}

/** Parameters of the API that are named otherwise here. */
const OPTIONS: Readonly<Record<string, string>> = {
  ActivationCode: '--activation-code',
  Address: '--address',
  BatchSid: '--batch',
  Canary: '--canary',
  CanaryApproval: '--canary-approval',
  Commands: '--commands',
  Configuration: '--configuration',
  ConfirmationCode: '--confirmation-code',
  ContactDefaultSmdp: '--default-smdp',
  ContactSmds: '--smds',
  EimId: '--eim-id',
  ExpiresAt: '--expires-at',
  Iccid: '--iccid',
  ImmediateEnable: '--immediate-enable',
  Order: '--order',
  Profile: '--profile',
  SmdpOid: '--smdp-oid',
  SmdsAddress: '--smds HOST',
};

/** What the rules of the eIM say of parameters, with the options of the command line. */
export const inOptions = (message: string): string =>
  message
    .replace('Items with an ActivationCode', 'a FILE.csv with a column ActivationCode')
    .replace('Invalid parameter ', 'Invalid ')
    .replaceAll(/\b[A-Z][A-Za-z]+\b/g, (word) => OPTIONS[word] ?? word);
