// A server of several processes: the first one holds the lock of the data and the sockets that listen, and its workers
// serve. See docs/decisions/0032-workers.md.
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname, extname, join } from 'node:path';
import type { Logger } from 'pino';
import { isTerminated } from './cli/interrupt.ts';
import type { Config, Secrets } from './config.ts';
import { lockData } from './lock-data.ts';
import { freePort, tryToListen } from './try-to-listen.ts';
import { serveMetrics } from './metrics/listener.ts';
import { exposed } from './metrics/merge.ts';
import { Supervisor } from './workers/supervisor.ts';

/** In the sources and in the build. */
const WORKER = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

export interface Workers extends AsyncDisposable {
  /** For people. */
  greeting: string;
  /** Rejects with `WorkerEnded` when a worker cannot be replaced. */
  failed: Promise<never>;
}

/**
 * Resolves once all workers serve, or the signal is aborted. Disposing of it lets them finish their work.
 * Throws `WorkerEnded` if one cannot start, having said why; `StoreInUse`, `StoreUnavailable`, `FileError`.
 */
export async function startWorkers(
  given: Config,
  secrets: Secrets,
  log: Logger,
  interrupted: AbortSignal,
): Promise<Workers> {
  await using started = new AsyncDisposableStack();
  const lock = started.adopt(await lockData(given), (held) => held.release());
  const config = await withPorts(given);
  await tryToListen(config);
  const cache = getCompileCacheDir();
  const supervisor = new Supervisor({
    file: WORKER,
    env: cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) },
    beginning: (number, isStart) => ({ kind: 'begin', config, secrets, number, isStart }),
    log,
  });
  const read = async () => exposed(await supervisor.gathering.snapshots());
  if (config.metricsPort !== undefined) {
    const metrics = await serveMetrics(config, read, log);
    if (metrics !== undefined) started.use(metrics);
  }
  started.defer(() => supervisor.end({ drains: isTerminated(interrupted) }));
  const isInterrupted = interrupted.aborted ? Promise.resolve() : once(interrupted, 'abort');
  // The first one begins the server: it migrates the database, and makes what is missing.
  const first = supervisor.start(1, { isStart: true });
  const serving = await Promise.race([first, isInterrupted]);
  if (typeof serving === 'object' && 'url' in serving) {
    lock.listensOn(serving.url);
    const others = Array.from({ length: config.workers - 1 }, (_, index) =>
      supervisor.start(index + 2, { isStart: false }),
    );
    await Promise.race([Promise.all(others), isInterrupted]);
  }
  const running = started.move();
  return {
    greeting: typeof serving === 'object' && 'greeting' in serving ? serving.greeting : '',
    failed: supervisor.failed,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** All workers must have the same ports, also one that comes later. */
async function withPorts(config: Config): Promise<Config> {
  const [port, es9Port, es2Port, esipaPort] = [
    config.port === 0 ? await freePort(config.host) : config.port,
    config.es9Port === 0 ? await freePort(config.es9Host) : config.es9Port,
    config.es2Port === 0 ? await freePort(config.es2Host) : config.es2Port,
    config.esipaPort === 0 ? await freePort(config.esipaHost) : config.esipaPort,
  ];
  return { ...config, port, es9Port, es2Port, esipaPort };
}
