// The results of the commands in an eUICC package (SGP.32 §2.11.2.1), matched with the commands.
import type { Eco, EuiccPackage, EuiccResultData, Psmo } from '../rsp/definitions/euicc-package.ts';
import * as codes from '../rsp/eim-codes.ts';
import { nameOf } from '../rsp/reasons.ts';
import { nameOfCommand, type CommandName } from './commands.ts';
import { EimError } from './eim-error.ts';

export interface CommandResult {
  readonly name: CommandName;
  readonly command: Psmo | Eco;
  readonly isOk: boolean;
  /** The standard's name of the result, or its number. */
  readonly code: string;
  /** What the command returned besides. */
  readonly data: EuiccResultData;
}

export interface CommandResults {
  /** Of the commands that were executed, in their order. */
  readonly results: readonly CommandResult[];
  /** Why the eUICC did not execute the others (processingTerminated). */
  readonly terminated?: string;
  /** Whether the device went back to the profile before, and what came of it (SGP.32 §5.9.16). */
  readonly rollback?: string;
}

interface Expected {
  readonly result: Exclude<keyof EuiccResultData, 'unknown'>;
  readonly codes: Readonly<Record<string, number>>;
}

const expected: Readonly<Record<CommandName, Expected>> = {
  enable: { result: 'enableResult', codes: codes.enableProfileResults },
  disable: { result: 'disableResult', codes: codes.disableProfileResults },
  delete: { result: 'deleteResult', codes: codes.deleteProfileResults },
  listProfileInfo: { result: 'listProfileInfoResult', codes: codes.profileInfoListErrors },
  getRAT: { result: 'getRATResult', codes: {} },
  configureImmediateEnable: {
    result: 'configureImmediateEnableResult',
    codes: codes.configureImmediateEnableResults,
  },
  setFallbackAttribute: {
    result: 'setFallbackAttributeResult',
    codes: codes.setFallbackAttributeResults,
  },
  unsetFallbackAttribute: {
    result: 'unsetFallbackAttributeResult',
    codes: codes.unsetFallbackAttributeResults,
  },
  setDefaultDpAddress: {
    result: 'setDefaultDpAddressResult',
    codes: codes.setDefaultDpAddressResults,
  },
  addEim: { result: 'addEimResult', codes: codes.addEimResultCodes },
  deleteEim: { result: 'deleteEimResult', codes: codes.deleteEimResults },
  updateEim: { result: 'updateEimResult', codes: codes.updateEimResults },
  listEim: { result: 'listEimResult', codes: codes.listEimErrors },
};

/** Names that are no failures. */
const OK = ['ok', 'lastEimDeleted'];

/** Throws `EimError` if they are not the results of these commands. */
export function matchResults(
  { psmoList, ecoList }: EuiccPackage,
  given: readonly EuiccResultData[],
): CommandResults {
  const commands: readonly (Psmo | Eco)[] = psmoList ?? ecoList;
  const results = [...given];
  // They follow what was executed.
  const rollback = results.at(-1)?.rollbackResult === undefined ? undefined : results.pop();
  const end = results.at(-1)?.processingTerminated === undefined ? undefined : results.pop();
  const matched = results.map((data, index) => resultOf(commands[index], data));
  // A failure ends a package; not every eUICC adds processingTerminated then.
  const isEnded = end !== undefined || matched.at(-1)?.isOk === false;
  if (matched.length < commands.length && !isEnded) {
    throw new EimError('results', `${matched.length} results for ${commands.length} commands`);
  }
  return {
    results: matched,
    ...(end && {
      terminated: codeName(codes.processingTerminatedReasons, end.processingTerminated!),
    }),
    ...(rollback && { rollback: codeName(codes.rollbackProfileResults, rollback.rollbackResult!) }),
  };
}

function resultOf(command: Psmo | Eco | undefined, data: EuiccResultData): CommandResult {
  const name = command === undefined ? 'unknown' : nameOfCommand(command);
  if (command === undefined || name === 'unknown') {
    throw new EimError('results', 'a result without a command');
  }
  const { result, codes: table } = expected[name];
  const value = data[result];
  if (value === undefined) {
    const found = Object.keys(data).find((key) => data[key as keyof EuiccResultData] !== undefined);
    throw new EimError('results', `expected ${result}, found ${found ?? 'nothing'}`);
  }
  const number = numberOf(data);
  const code = number === undefined ? 'ok' : codeName(table, number);
  return { name, command, isOk: OK.includes(code), code, data };
}

/** The number in a result; undefined if it has what was asked for instead. */
function numberOf(data: EuiccResultData): number | undefined {
  if (data.listProfileInfoResult !== undefined) {
    return data.listProfileInfoResult.profileInfoListError;
  }
  if (data.getRATResult !== undefined) return undefined;
  if (data.addEimResult !== undefined) return data.addEimResult.addEimResultCode;
  if (data.listEimResult !== undefined) return data.listEimResult.listEimError;
  if (data.setDefaultDpAddressResult !== undefined) {
    return data.setDefaultDpAddressResult.setDefaultDpAddressResult;
  }
  return Object.values(data).find((value): value is number => typeof value === 'number');
}

function codeName(table: Readonly<Record<string, number>>, number: number): string {
  return nameOf(table, number) ?? `${number}`;
}
