// Turns anything thrown into an API error. This alone decides what the client learns.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from '../context.ts';
import { SignInRefused } from '../operator/account/console-session.ts';
import { Overloaded } from '../process/admission.ts';
import { endWith } from '../process/listener-upgrade.ts';
import { Conflict } from '../store/errors.ts';
import { ApiError } from './api-error.ts';
import { JSON_TYPE } from './send-answer.ts';

interface FrameworkError {
  code?: string;
  statusCode?: number;
  message?: string;
  /** Of errors of the operating system. */
  syscall?: string;
}

/** An error not recognised here is a bug: logged in full, hidden from the client. */
export function toApiError(
  error: unknown,
  { log, store }: Pick<Context, 'log' | 'store'>,
  request?: { id: string; routeOptions: { bodyLimit: number } },
): ApiError {
  const requestId = request?.id;
  if (error instanceof ApiError) return error;
  if (error instanceof Overloaded) return tooMuch(error.retryAfter);
  if (error instanceof SignInRefused) return new ApiError(error.kind, error.message);
  if (error instanceof Conflict) {
    return new ApiError('conflict', 'The resource has been changed by another request; try again');
  }
  if (store.isUnavailable(error)) {
    log.error({ err: error, request: requestId }, 'the database cannot answer');
    return new ApiError('unavailable', 'Service Unavailable; try again');
  }
  const { code, statusCode, message, syscall } = error as FrameworkError;
  if (syscall !== undefined) {
    log.error({ err: error, request: requestId }, 'a call of the operating system failed');
    return new ApiError('unavailable', 'Service Unavailable; try again');
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = (request?.routeOptions.bodyLimit ?? 0) / 1024;
    const most = limit >= 1024 ? `${limit / 1024} MiB` : `${limit} KiB`;
    return new ApiError(
      'bodyTooLarge',
      `The request body is too large; at most ${most} are accepted`,
    );
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ApiError(
      'unsupportedMediaType',
      'Expected Content-Type application/x-www-form-urlencoded or application/json',
    );
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ApiError('invalidParameter', message ?? 'The request is not valid');
  }
  log.error({ err: error, request: requestId }, 'unexpected error');
  return new ApiError('internal', 'Internal Server Error');
}

/** Nothing was done for the request. */
export function tooMuch(retryAfter: number): ApiError {
  const message = 'Service Unavailable: too many requests at the moment; try again';
  return new ApiError('unavailable', message, undefined, {}, retryAfter);
}

/** Answers a request that is not valid HTTP or did not arrive in time. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const answer =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new ApiError('headersTooLarge', 'The request headers are too large')
      : new ApiError(
          'invalidParameter',
          'The request is not valid HTTP, or did not arrive in time',
        );
  void endWith(socket, lastAnswer(answer));
}

/** A complete HTTP error response, which ends its connection. */
export function lastAnswer(error: ApiError, headers: Record<string, string> = {}): string {
  const body = JSON.stringify(error.body());
  const head = Object.entries({
    ...headers,
    Connection: 'close',
    'Content-Type': JSON_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${head.join('')}\r\n${body}`;
}
