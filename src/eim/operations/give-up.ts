// The end of an operation whose result has not come. What the eUICC has signed still counts when it comes later.
import type { EimOperationRow, EimPackageRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { endOperation, NO_RESULT } from './operation.ts';

/**
 * Of an eUICC that this unit has locked.
 * @param open its package, which is not sent again
 * @param by who does not wait any longer
 * @returns why it has ended
 */
export async function giveUp(
  operation: EimOperationRow,
  { sent }: Pick<EimPackageRow, 'sent'>,
  by: 'eIM' | 'account',
  unit: Unit,
): Promise<string> {
  const times = sent === 1 ? 'once' : `${sent} times`;
  const last = operation.error_message === null ? '' : `; last: ${operation.error_message}`;
  const errorMessage =
    by === 'account'
      ? `It was given up before a result had come${last}`
      : `It was sent ${times}, and no result has come${last}`;
  const ending = { status: 'failed', errorCode: NO_RESULT, errorMessage } as const;
  await endOperation(operation, ending, { isDead: true }, unit);
  return errorMessage;
}
