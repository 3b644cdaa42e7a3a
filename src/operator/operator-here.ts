// An account of this server in its role as operator, for the SM-DP+.
import type { OperatorFunctions } from '../es2plus/functions.ts';
import type { Unit } from '../unit.ts';
import type { ChangeContext } from './order-change.ts';
import { handleDownloadProgressInfo } from './handleDownloadProgressInfo.ts';

export function operatorHere(
  accountSid: string,
  context: ChangeContext,
  unit: Unit,
): OperatorFunctions {
  return {
    handleDownloadProgressInfo: (info) =>
      handleDownloadProgressInfo(accountSid, info, context, unit),
  };
}
