// Options with which a virtual IoT device misbehaves, to see what an eIM makes of it.
import { Option, type Command } from 'commander';
import type { Faults } from '../device/ipa/faulty-transport.ts';
import type { EuiccMisbehaviour } from '../device/misbehaviour.ts';
import { euiccPackageErrorCodes, type EuiccPackageErrorCode } from '../rsp/eim-codes.ts';
import { parseCount, parseHours as parseNumber, parseIccidOption } from './options.ts';

export interface LinkFaultOptions {
  loseAnswers?: number;
  withoutConnectivity?: string[];
}

export interface EuiccFaultOptions {
  wrongSignature?: true;
  oldSignature?: true;
  refusePackages?: EuiccPackageErrorCode | 'unsigned';
  interruptAfter?: number;
  failInstallation?: true;
  consumerInfo?: true;
}

const REFUSALS = ['unsigned', ...Object.keys(euiccPackageErrorCodes)];
const MOST_ANSWERS = 1_000;
const MOST_COMMANDS = 100;

const GROUP = 'To misbehave:';

/** Of the connection to eIMs. */
export function addLinkFaults(command: Command): Command {
  return command
    .optionsGroup(GROUP)
    .option(
      '--lose-answers <N>',
      'the next N answers of an eIM get lost, after it has done what was asked; not those to polls',
      parseCount(MOST_ANSWERS),
    )
    .option(
      '--without-connectivity <ICCID>',
      'this profile has no network here, so that the device rolls back or falls back; may be repeated',
      (text: string, others: string[] | undefined) => [...(others ?? []), parseIccidOption(text)],
    );
}

/** Of the eUICC, whoever talks to it. */
export function addEuiccFaults(command: Command): Command {
  return command
    .optionsGroup(GROUP)
    .option('--wrong-signature', 'the eUICC signs results wrongly')
    .option('--old-signature', 'it signs them as in SGP.32 v1.0.1, over the signature of the eIM')
    .addOption(
      new Option(
        '--refuse-packages <code>',
        'it refuses each package, with a signed error or an unsigned one',
      ).choices(REFUSALS),
    )
    .option(
      '--interrupt-after <N>',
      'it loses power after N commands of a package',
      parseNumber(MOST_COMMANDS),
    )
    .option('--fail-installation', 'it installs no profile, for lack of memory')
    .option(
      '--consumer-info',
      'its EUICCInfo2 is that of a consumer eUICC, for IPAs that drop what SGP.32 adds, and so break a signature',
    );
}

export function faultsOf({ loseAnswers = 0, withoutConnectivity = [] }: LinkFaultOptions): Faults {
  return { lostAnswers: loseAnswers, withoutConnectivity };
}

export function misbehaviourOf({
  wrongSignature,
  oldSignature,
  refusePackages,
  interruptAfter,
  failInstallation,
  consumerInfo,
}: EuiccFaultOptions): EuiccMisbehaviour {
  return {
    ...(wrongSignature && {
      signature: (name, honest) => (name.startsWith('euiccSignEP') ? spoilt(honest) : honest),
    }),
    ...(oldSignature && { signsEimSignature: true }),
    ...(consumerInfo && { tellsConsumerInfo: true }),
    ...(refusePackages && { euiccPackageError: refusePackages }),
    ...(interruptAfter !== undefined && { commandsUntilInterruption: interruptAfter }),
    ...(failInstallation && {
      installationError: {
        bppCommandId: 'loadProfileElements',
        errorReason: 'installFailedDueToInsufficientMemoryForProfile',
      },
    }),
  };
}

function spoilt(signature: Uint8Array): Uint8Array {
  return signature.with(0, signature[0]! ^ 1);
}
