// Why a device may not have a profile now, and what that changes.
import type { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { Unit } from '../../unit.ts';

/** What is written with a refusal, such as the end of an order. */
export type Effect = (unit: Unit) => Promise<void>;

export interface Refusal {
  refused: FunctionExecutionError;
  effect?: Effect;
}
