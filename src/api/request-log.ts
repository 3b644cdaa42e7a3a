// What traces, the log and the audit log tell of a request.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Tracer } from '../traces/tracer.ts';
import { parseTraceparent, traceIdOf } from '../values/request-id.ts';
import type { ApiError } from './api-error.ts';
import { WRITES } from './other-methods.ts';
import { loggedPathOf } from './path-of.ts';

/** A span of the trace that the request belongs to (OpenTelemetry's semantic conventions for HTTP). */
export function traceRequest(request: FastifyRequest, reply: FastifyReply, tracer: Tracer): void {
  const { url: route } = request.routeOptions;
  const { statusCode, elapsedTime } = reply;
  tracer.span(traceIdOf(request.id), parseTraceparent(request.headers['traceparent']))?.end(
    `${request.method} ${route ?? ''}`.trim(),
    'server',
    performance.now() - elapsedTime,
    {
      'http.request.method': request.method,
      'http.route': route,
      'http.response.status_code': statusCode,
      'simwright.request': request.id,
      'simwright.account': request.caller?.accountSid,
    },
    statusCode >= 500 ? `answered ${statusCode}` : undefined,
  );
}

/** Reads are frequent and change nothing, so they are logged at `debug`. */
export function logRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: Pick<Context, 'log'>,
): void {
  const { statusCode } = reply;
  const level = request.isTurnedAway
    ? 'debug'
    : statusCode >= 500
      ? 'error'
      : WRITES.has(request.method)
        ? 'info'
        : 'debug';
  if (!log.isLevelEnabled(level)) return;
  log[level](
    {
      request: request.id,
      account: request.caller?.accountSid,
      status: statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
    },
    `${request.method} ${loggedPathOf(request)}`,
  );
}

/** For the audit log. */
export function noteDenial(
  error: ApiError,
  request: FastifyRequest,
  { denied }: Pick<Context, 'denied'>,
): void {
  const { caller, ip } = request;
  const { operationId = 'none' } = request.routeOptions.config;
  if (error.status === 401) denied.unknown(ip);
  else if (error.status === 403 && caller !== undefined) {
    denied.refused(operationId, caller, ip, error.detail ?? error.message);
  }
}
