// The counter of an association (SGP.32 §2.11.1.1): each package has a higher one than any before, so that an eUICC executes none
// twice. It is stored before the package is sent.
import { EimError } from './eim-error.ts';

/** The highest that an eUICC accepts. */
export const MAX_COUNTER_VALUE = 0x7fffff;

const FIRST_MARGIN = 1024;

/** The counter value of the next package. Throws `EimError`: then the eUICC needs a new association. */
export function nextCounterValue(last: number): number {
  return checked(last + 1);
}

/**
 * After replayError: the eUICC has seen higher values than we know of, because we were restored from a backup. It does not tell
 * which, so each attempt (from 0 on) leaves out four times as many values as the one before.
 */
export function counterValueAfterReplay(refused: number, attempt: number): number {
  const raised = refused + FIRST_MARGIN * 4 ** attempt;
  return refused < MAX_COUNTER_VALUE ? Math.min(raised, MAX_COUNTER_VALUE) : checked(raised);
}

function checked(counterValue: number): number {
  if (counterValue <= MAX_COUNTER_VALUE) return counterValue;
  throw new EimError(
    'counter-exhausted',
    `The counter of this association has reached ${MAX_COUNTER_VALUE}; another eIM must update it, or the eUICC must be associated again.`,
  );
}
