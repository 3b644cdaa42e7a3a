// Why a device may not download a profile now, and the effects of that.
import type { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { Unit } from '../../unit.ts';

/** Changes made with a refusal, such as ending an order. */
export type Effect = (unit: Unit) => Promise<void>;

export interface Refusal {
  refused: FunctionExecutionError;
  effect?: Effect;
}
