// The server: assembled on its data, and listening.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { assemble } from './assembly.ts';
import type { Assembly } from './assembly.ts';
import type { Operation } from './api/operation.ts';
import type { Config, Secrets } from './config.ts';
import { withEs9Port } from './config.ts';
import { lockData, openData } from './data.ts';
import { keepHeapSmall } from './process/heap.ts';
import { closerOf } from './process/listener-close.ts';
import { allEnded } from './store/together.ts';

export interface Server extends AsyncDisposable, Pick<Assembly, 'context' | 'firstAccount'> {
  app: FastifyInstance;
  /** URL of ES9+ for devices: https://HOST:PORT */
  es9Url: string;
}

/** Resolves once it listens. Disposing of it finishes current work. */
export async function startServer(
  config: Config,
  secrets: Secrets,
  log: Logger,
  operations?: readonly Operation[],
  consoleFolder?: string,
): Promise<Server> {
  keepHeapSmall();
  await using started = new AsyncDisposableStack();
  const lock = started.adopt(await lockData(config), (held) => held.release());
  const data = await openData(config, secrets);
  started.defer(() => data.store.close());
  await tryToListen(config.host, config.port);
  await tryToListen(config.es9Host, config.es9Port);
  const assembly = await assemble(config, secrets, data, log, operations, consoleFolder);
  const { context, api, es9, firstAccount } = assembly;
  // Closed together, so neither keeps serving while the other waits for its clients.
  const listeners = [closerOf(es9), closerOf(api)];
  started.defer(async () => void (await allEnded(listeners.map((close) => close()))));
  const es9Url = await es9.listen({ host: config.es9Host, port: config.es9Port });
  context.config = withEs9Port(config, Number(new URL(es9Url).port || 443));
  const address = await api.listen({ host: config.host, port: config.port });
  context.publicUrl ||= address;
  lock.listensOn(address);
  if (config.publicUrl === undefined && ['0.0.0.0', '::'].includes(config.host)) {
    log.warn(
      `SIMWRIGHT_PUBLIC_URL is not set: the URLs in responses begin with ${address}, ` +
        'which other machines cannot reach',
    );
  }
  started.defer(assembly.startJobs());
  const running = started.move();
  return {
    context,
    app: api,
    es9Url,
    firstAccount,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Checks that the server can listen, before it creates anything or answers. */
async function tryToListen(host: string, port: number): Promise<void> {
  const listener = createServer().listen({ host, port });
  await once(listener, 'listening');
  await promisify(listener.close.bind(listener))();
}
