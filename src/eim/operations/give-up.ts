// The end of an operation whose result has not come. What the eUICC has signed still counts when it comes later.
import type { EimOperationRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { endOperation, NO_RESULT } from './operation.ts';

/** Of an eUICC that this unit has locked; its package is not sent again. */
export async function giveUp(
  operation: EimOperationRow,
  errorMessage: string,
  unit: Unit,
): Promise<void> {
  const ending = { status: 'failed', errorCode: NO_RESULT, errorMessage } as const;
  await endOperation(operation, ending, { isDead: true }, unit);
}

/** Why it is given up, with what it has waited for. */
export const withLast = (why: string, { error_message: last }: EimOperationRow): string =>
  last === null ? why : `${why}; last: ${last}`;
