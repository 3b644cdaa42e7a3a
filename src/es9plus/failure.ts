// The responses to calls that throw.
import type { Context } from '../context.ts';
import { Overloaded } from '../process/admission.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { ChainNotCurrent } from '../smdp/download/verify-euicc.ts';
import { SignerError } from '../smdp/pki/external-signer.ts';
import { Conflict } from '../store/errors.ts';

/** `refused`: the call was checked and refused. `busy`: it may succeed later. `internal`: the log says what happened. */
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
  if (error instanceof FunctionExecutionError) {
    // Only the device has the notification: it must not be deleted there because of what is temporary here.
    const isKept = name === 'handleNotification' && error instanceof ChainNotCurrent;
    return { kind: isKept ? 'busy' : 'refused', refusal: error };
  }
  if (error instanceof Overloaded) return busy();
  log.error({ err: error, function: name }, 'ES9+ function failed');
  // Conflict: concurrent calls changed the same rows on every attempt.
  if (error instanceof Conflict || store.isUnavailable(error)) return busy();
  // The external signer may answer the next time.
  if (error instanceof SignerError) return busy();
  return internal();
}

/** §5.2.6: function provider, busy. There is too much to do, or the store or the signer did not answer in time. */
function busy(): Failure {
  const refusal = new FunctionExecutionError('1.2', '4.4', 'The SM-DP+ is busy; try again');
  return { kind: 'busy', refusal };
}

/** §5.2.6: function provider, execution error. */
export function internal(): Failure {
  const refusal = new FunctionExecutionError('1.2', '4.2', 'Internal error of the SM-DP+');
  return { kind: 'internal', refusal };
}

const NOT_KEPT = { refused: 400, busy: 503, internal: 500 } as const;

/**
 * §3.5: an LPA deletes a notification after any 2xx. So a notification that was neither stored nor checked gets
 * another status, and is sent again.
 */
export function statusOf({ kind }: Failure, name: string): number {
  return name === 'handleNotification' ? NOT_KEPT[kind] : 200;
}
