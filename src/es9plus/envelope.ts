// §6.5, §6.6: what every request and response of ES9+ has in common, in both bindings.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { BindingName } from '../store/schema.ts';
import type { Failure } from './failure.ts';
import { statusOf } from './failure.ts';
import type { DecodedCall, FunctionName } from './functions.ts';
import type { UnreadableBody } from './request-body.ts';

/** A call as received. */
export interface CallRequest {
  binding: Binding;
  name: FunctionName;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Network address of the caller. */
  address: string | null;
}

/** A response, without the headers that all have. */
export interface Answer {
  status: number;
  headers?: OutgoingHttpHeaders;
  /** As a string only if it is ASCII: Node sends that with the head, in one piece, and copies it less often. */
  body?: string | Uint8Array;
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

/** The version of the specification that we support. */
export const ADMIN_PROTOCOL = 'gsma/rsp/v2.5.0';
const ACCEPTED_PROTOCOL = /^gsma\/rsp\/v[23]\.\d+(\.\d+)?$/i;
const RETRY_AFTER_SECONDS = 10;

/** §5.6.4: without a body. */
export const NO_CONTENT: Answer = { status: 204 };

/** Throws `FunctionExecutionError` with the subjects Protocol and Function. */
export function openCall(request: CallRequest): OpenedCall {
  const protocol = request.headers['x-admin-protocol'];
  if (protocol !== undefined && !ACCEPTED_PROTOCOL.test(String(protocol))) {
    throw new FunctionExecutionError(
      '1.3.2',
      '3.1',
      `X-Admin-Protocol must be gsma/rsp/v2.x or v3.x`,
    );
  }
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

/** To what names no function, and so has no response of its own. */
export function httpError(status: 400 | 404 | 413 | 500, error: string, message: string): Answer {
  return {
    status,
    headers: {
      ...(status === 413 ? { connection: 'close' } : {}),
      'content-type': 'application/json; charset=utf-8',
    },
    body: Buffer.from(JSON.stringify({ message, error, statusCode: status })),
  };
}
