// Sends responses and errors.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiError } from './api-error.ts';
import { hasNewest } from './etag.ts';
import type { Answer } from './operation.ts';
import { pathOf } from './path-of.ts';

export const JSON_TYPE = 'application/json; charset=utf-8';

export function sendAnswer(
  answer: Answer,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.status === 204) return reply.send();
  if (answer.etag !== undefined) {
    reply.header('ETag', answer.etag);
    const ifNoneMatch = request.headers['if-none-match'];
    if (ifNoneMatch !== undefined && hasNewest(ifNoneMatch, answer.etag)) {
      return reply.code(304).send();
    }
  }
  return reply.header('Content-Type', answer.contentType ?? JSON_TYPE).send(answer.body);
}

export function answerError(error: ApiError, request: FastifyRequest, reply: FastifyReply): void {
  reply.code(error.status).header('Content-Type', JSON_TYPE);
  if (error.status === 401 && !isFromPage(request)) {
    reply.header('WWW-Authenticate', 'Basic realm="Twilio API"');
  }
  const wait = error.retryAfter ?? (error.status === 503 ? 1 : undefined);
  if (wait !== undefined) reply.header('Retry-After', String(wait));
  void reply.send(request.method === 'HEAD' ? '' : JSON.stringify(error.body()));
}

/**
 * Whether a script of a page is calling, which has a sign-in form of its own: the browser should not open its dialog
 * over it. Browsers send Sec-Fetch-* only over https and to localhost, so our own page is recognised by more.
 */
function isFromPage(request: FastifyRequest): boolean {
  const { headers } = request;
  if (headers['sec-fetch-site'] !== undefined) return headers['sec-fetch-mode'] !== 'navigate';
  return (
    headers['x-csrf-token'] !== undefined ||
    // An EventSource, which cannot set headers.
    headers.accept === 'text/event-stream' ||
    pathOf(request).startsWith('/console/')
  );
}
