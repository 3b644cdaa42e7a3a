// §6.5, §6.6: what every request and response of ES9+ has in common, in both bindings.
import type { IncomingHttpHeaders } from 'node:http';
import { checkProtocol } from '../https/admin-protocol.ts';
import type { Answer } from '../https/https-listener.ts';
import type { UnreadableBody } from '../https/request-body.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { BindingName } from '../store/schema.ts';
import type { Failure } from './failure.ts';
import { statusOf } from './failure.ts';
import type { DecodedCall, FunctionName } from './functions.ts';

/** A call as received. */
export interface CallRequest {
  binding: Binding;
  name: FunctionName;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Network address of the caller. */
  address: string | null;
}

/** How calls and answers are written. */
export interface Binding {
  name: BindingName;
  /** Throws `FunctionExecutionError` if the body is not in this format. */
  open(request: CallRequest): OpenedCall;
  refused(failure: Failure, name: FunctionName): Answer;
}

/** A call whose members have not been decoded yet. */
export interface OpenedCall {
  /** Upper-case hex; null if it names none. */
  transactionId: string | null;
  /** Throws `FunctionExecutionError`. */
  decode(): DecodedCall<Answer>;
}

const RETRY_AFTER_SECONDS = 10;

/** §5.6.4: without a body. */
export const NO_CONTENT: Answer = { status: 204 };

/** Throws `FunctionExecutionError` with the subjects Protocol and Function. */
export function openCall(request: CallRequest): OpenedCall {
  checkProtocol(request.headers);
  return request.binding.open(request);
}

/** §6.5.1: status 200 for a refusal, too; see `statusOf`. */
export function failedHead(failure: Failure, name: FunctionName): Answer {
  const status = statusOf(failure, name);
  const headers = status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {};
  return { status, headers };
}

/** As `refused`; if the rest of the body is still to come, it is not awaited. */
export function unreadable(
  { message, isCutShort }: UnreadableBody,
  binding: Binding,
  name: FunctionName,
): Answer {
  const refusal = new FunctionExecutionError('1.3.1', '2.1', message);
  const answer = binding.refused({ kind: 'refused', refusal }, name);
  return isCutShort ? { ...answer, headers: { connection: 'close', ...answer.headers } } : answer;
}
