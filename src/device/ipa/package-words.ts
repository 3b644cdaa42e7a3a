// What an eUICC did with a package, in words for people.
import {
  EuiccResultData,
  type Eco,
  type EuiccPackageRequest,
  type EuiccPackageResult,
  type Psmo,
} from '../../rsp/definitions/euicc-package.ts';
import { euiccPackageErrorCodes } from '../../rsp/eim-codes.ts';
import { decodeIccid } from '../../rsp/identifiers.ts';
import { nameOf } from '../../rsp/reasons.ts';

/** Such as `enable 8999901000000000013: ok`, with a line for each command. */
export function packageInWords(
  { euiccPackageSigned }: EuiccPackageRequest,
  { euiccPackageResultSigned, euiccPackageErrorSigned }: EuiccPackageResult,
): string {
  if (euiccPackageErrorSigned !== undefined) {
    const { euiccPackageErrorCode: code } =
      euiccPackageErrorSigned.euiccPackageErrorDataSigned.value;
    return `the eUICC refused the package: ${nameOf(euiccPackageErrorCodes, code) ?? code}`;
  }
  if (euiccPackageResultSigned === undefined) {
    return 'the eUICC refused the package: it knows no such eIM, or the signature is not that of its eIM';
  }
  const { psmoList, ecoList } = euiccPackageSigned.value.euiccPackage;
  const commands: readonly (Psmo | Eco)[] = psmoList ?? ecoList;
  const { euiccResult } = euiccPackageResultSigned.euiccPackageResultDataSigned.value;
  return euiccResult
    .map((result, index) => {
      const command = commands[index];
      const isOfCommand = command !== undefined && result.processingTerminated === undefined;
      return isOfCommand ? `${commandInWords(command)}: ${codeOf(result)}` : endInWords(result);
    })
    .join('\n');
}

function commandInWords(command: Psmo | Eco): string {
  const [name, given] = Object.entries(command).find(([, value]) => value !== undefined)!;
  const { iccid, eimId, defaultDpAddress, rollbackFlag } = given as {
    iccid?: Uint8Array;
    eimId?: string;
    defaultDpAddress?: string;
    rollbackFlag?: null;
  };
  const of = (iccid && decodeIccid(iccid)) ?? eimId ?? defaultDpAddress;
  return [name, of, rollbackFlag === null ? 'with rollback' : undefined].filter(Boolean).join(' ');
}

/** A result that is a code, as value notation has it. */
const CODE = /^\w+ : (?:\w+ : |\{\s*\w+ )?([\w-]+) -- \d+ --\s*\}?$/;

/** The standard's name of the code; `ok` if the result is what was asked for. */
function codeOf(result: EuiccResultData): string {
  return CODE.exec(EuiccResultData.notation(result, ''))?.[1] ?? 'ok';
}

function endInWords(result: EuiccResultData): string {
  return result.rollbackResult === undefined
    ? `the package ended: ${codeOf(result)}`
    : `went back: ${codeOf(result)}`;
}
