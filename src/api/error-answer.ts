// Turns whatever was thrown into an error of the API. What a client is told is decided here alone.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Context } from '../context.ts';
import { endFinally } from '../listener-limits.ts';
import { SignInRefused } from '../profile/console-session.ts';
import { Conflict } from '../store/errors.ts';
import { ApiError } from './api-error.ts';

interface FrameworkError {
  code?: string;
  statusCode?: number;
  message?: string;
}

/** Anything that is not known here is a bug: the client learns nothing of it, the log everything. */
export function toApiError(
  error: unknown,
  { log, store }: Pick<Context, 'log' | 'store'>,
  requestId?: string,
): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof SignInRefused) return new ApiError(error.kind, error.message);
  if (error instanceof Conflict) {
    return new ApiError('conflict', 'The resource has changed meanwhile; try again');
  }
  if (store.isUnavailable(error)) {
    log.error({ err: error, request: requestId }, 'the database cannot answer');
    return new ApiError('unavailable', 'Service Unavailable; try again');
  }
  const { code, statusCode, message } = error as FrameworkError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new ApiError('bodyTooLarge', 'The request body is too large; at most 64 KiB are taken');
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

/** Answers what is not HTTP, or not in time. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const answer =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? new ApiError('headersTooLarge', 'The request headers are too large')
      : new ApiError('invalidParameter', 'The request is not valid HTTP, or did not come in time');
  const body = JSON.stringify(answer.body());
  endFinally(
    socket,
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\nConnection: close\r\n` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
