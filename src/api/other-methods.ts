// Requests that are of no operation.
import type { FastifyInstance } from 'fastify';
import { ApiError, notFound } from './api-error.ts';
import type { Operation } from './operation.ts';
import { pathOf } from './path-of.ts';

/** Methods with which something may be changed. */
export const WRITES = new Set(['POST', 'DELETE']);

/** Answers OPTIONS, and 404 or 405 where no operation matches, before a body is read. */
export function registerOtherMethods(app: FastifyInstance, operations: readonly Operation[]): void {
  const paths = operations.map(({ method, path }) => ({
    pattern: new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`),
    method,
  }));
  // A fixed path is not the resource of another one with a SID in its place.
  const fixed = Map.groupBy(
    operations.filter(({ path }) => !path.includes(':')),
    ({ path }) => path,
  );
  app.addHook('onRequest', async (request, reply) => {
    const path = pathOf(request);
    const own = WRITES.has(request.method) ? fixed.get(path) : undefined;
    if (!request.is404 && own?.every(({ method }) => method !== request.method) !== true) {
      return undefined;
    }
    const methods = own ?? paths.filter(({ pattern }) => pattern.test(path));
    const allowed = new Set(methods.map(({ method }): string => method));
    if (allowed.size === 0) throw notFound(path);
    if (allowed.has('GET')) allowed.add('HEAD');
    reply.header('Allow', [...allowed, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') return reply.code(204).send();
    throw new ApiError(
      'methodNotAllowed',
      `The requested resource ${path} does not support the attempted HTTP method ${request.method}`,
    );
  });
}
