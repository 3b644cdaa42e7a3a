import type { FastifyRequest } from 'fastify';

/** Without its query. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}
