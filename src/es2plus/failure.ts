// The responses to calls of ES2+ that throw.
import type { Context } from '../context.ts';
import { Overloaded } from '../process/admission.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { AlreadyExists, Conflict } from '../store/errors.ts';

/** `busy`: the call may succeed later. `internal`: the log says what happened. */
export interface Failure {
  kind: 'refused' | 'busy' | 'internal';
  refusal: FunctionExecutionError;
}

/** Logs anything but a refusal. */
export function failureOf(
  error: unknown,
  name: string,
  { log, store }: Pick<Context, 'log' | 'store'>,
): Failure {
  if (error instanceof FunctionExecutionError) return { kind: 'refused', refusal: error };
  if (error instanceof Overloaded) return busy();
  log.error({ err: error, function: name }, 'ES2+ function failed');
  // It has met others on every attempt.
  if (hasMetAnother(error) || store.isUnavailable(error)) return busy();
  const internal = new FunctionExecutionError('1.2', '4.2', 'Internal error of this server');
  return { kind: 'internal', refusal: internal };
}

/** Concurrent calls changed the same rows; the same call, sent twice at once, meets its own order. */
export const hasMetAnother = (error: unknown): boolean =>
  error instanceof Conflict || error instanceof AlreadyExists;

/** §5.2.6: function provider, busy. */
function busy(): Failure {
  const refusal = new FunctionExecutionError('1.2', '4.4', 'This server is busy; try again');
  return { kind: 'busy', refusal };
}
