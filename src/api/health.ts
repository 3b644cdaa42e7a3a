// Whether the server is alive, and ready, for load balancers.
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { clockWarning } from '../process/clock-check.ts';
import { StoreUnavailable } from '../store/errors.ts';

/** `/healthz`: the process is alive. `/readyz`: the database accepts writes, and the server goes on. */
export function registerHealth(
  app: FastifyInstance,
  { store, log, draining, signing }: Pick<Context, 'store' | 'log' | 'draining' | 'signing'>,
): void {
  const hidden = { schema: { hide: true } };
  const health = { ...hidden, config: { operationId: 'healthz', favour: 'always' as const } };
  app.get('/healthz', health, async () => ({ status: 'ok' }));
  let ready = true;
  app.get(
    '/readyz',
    { ...hidden, config: { operationId: 'readyz', favour: 'always' } },
    async (_request, reply) => {
      if (draining.hasBegun) {
        reply.code(503).header('Retry-After', '1');
        return { status: 'stopping', database: store.kind, cause: 'The server stops in a moment' };
      }
      try {
        await store.checkReady();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        const { brief: cause } = error;
        if (ready) log.error({ cause: error.message }, 'not ready');
        ready = false;
        reply.code(503).header('Retry-After', '1');
        return { status: 'not ready', database: store.kind, cause };
      }
      if (!ready) log.info('ready again');
      ready = true;
      // Without an HSM, orders go on, so this is no reason to send them elsewhere.
      const warning = [clockWarning(store), signing?.warning()].filter(Boolean).join('; ');
      return { status: 'ready', database: store.kind, ...(warning && { warning }) };
    },
  );
}
