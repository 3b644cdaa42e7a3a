// The server: assembled on its data, and listening.
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { assemble, wholeServer } from './assembly.ts';
import type { Assembly, Part } from './assembly.ts';
import type { Operation } from './api/operation.ts';
import type { Config, Secrets } from './config.ts';
import { withEs9Port, withEsipaPort } from './config.ts';
import type { Context } from './context.ts';
import { openData } from './data.ts';
import type { Data } from './data.ts';
import { joinData, lockData } from './lock-data.ts';
import { addDatabaseMetrics } from './metrics/database-metrics.ts';
import { serveMetrics } from './metrics/listener.ts';
import { exposed } from './metrics/merge.ts';
import { addServerMetrics } from './metrics/server-metrics.ts';
import { noticePast, refuseUnresumed } from './past/restored-past.ts';
import { closerOf } from './process/listener-close.ts';
import { allEnded } from './store/together.ts';
import { observedBy, signingOf } from './signing.ts';
import { SpanExporter } from './traces/exporter.ts';
import { Tracer } from './traces/tracer.ts';
import { canReusePorts, tryToListen } from './try-to-listen.ts';

export interface Server extends AsyncDisposable, Pick<Assembly, 'context' | 'firstAccount'> {
  app: FastifyInstance;
  /** URL of ES9+ for devices, https://HOST:PORT; empty: the SM-DP+ is a rented one. */
  es9Url: string;
  /** URL of ES2+ for operators; undefined if it is not served. */
  es2Url: string | undefined;
  /** URL of ESipa for IoT devices; undefined if there is no eIM. */
  esipaUrl: string | undefined;
  /** URL of the metrics; undefined if this process does not serve them. */
  metricsUrl: string | undefined;
}

/**
 * Resolves once it listens. Disposing of it finishes current work.
 * @param part of the server that this process is: by default all of it
 */
export async function startServer(
  config: Config,
  secrets: Secrets,
  log: Logger,
  operations?: readonly Operation[],
  consoleFolder?: string,
  part: Part = wholeServer(),
): Promise<Server> {
  await using started = new AsyncDisposableStack();
  const { count, isStart } = part.peers;
  const isShared = count > 1;
  const lock = isShared ? undefined : await lockData(config);
  started.defer(() => lock?.release());
  if (isShared) started.use(joinData(config));
  const data = await openData(config, secrets, { isShared, note: (message) => log.warn(message) });
  started.defer(() => data.store.close());
  if (isStart) {
    const behind = await noticePast(config, data);
    if (behind !== undefined) log.error({ of: behind }, 'the database is a restored past');
  }
  await refuseUnresumed(data.store);
  // Of several workers, the first process has tried.
  if (!isShared) await tryToListen(config);
  // Before what uses it, so that it ends after that.
  const signing =
    config.rentedSmdp === undefined
      ? {
          signing: started.use(
            signingOf(config, secrets, { observer: observedBy(part.metrics, log) }),
          ),
        }
      : {};
  const whole = {
    ...part,
    ...signing,
    ...traced(config, secrets, data, { ...part, log }, started),
  };
  const assembly = await assemble(config, secrets, data, log, operations, consoleFolder, whole);
  const { context, api, es9, es2, esipa, firstAccount } = assembly;
  // Closed together, so none keeps serving while another waits for its clients.
  const listeners = [es9, api, es2, esipa].flatMap((one) =>
    one === undefined ? [] : closerOf(one),
  );
  started.defer(async () => void (await allEnded(listeners.map((close) => close()))));
  const sharing = { reusePort: isShared && canReusePorts };
  const at = { ...sharing, host: config.es9Host, port: config.es9Port };
  const es9Url = es9 === undefined ? '' : await es9.listen(at);
  if (es9 !== undefined) {
    context.config = withEs9Port(config, Number(new URL(es9Url).port || 443));
  }
  const es2Url = await es2?.listen({ ...sharing, host: config.es2Host, port: config.es2Port! });
  const esipaUrl = await esipa?.listen({
    ...sharing,
    host: config.esipaHost,
    port: config.esipaPort!,
  });
  if (esipaUrl !== undefined) {
    const port = Number(new URL(esipaUrl).port || 443);
    context.config = withEsipaPort(context.config, port);
  }
  const address = await api.listen({ ...sharing, host: config.host, port: config.port });
  context.publicUrl ||= address;
  lock?.listensOn(address);
  const metricsUrl = await startMetrics(context, started);
  if (isStart && config.publicUrl === undefined && ['0.0.0.0', '::'].includes(config.host)) {
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
    es2Url,
    esipaUrl,
    metricsUrl,
    firstAccount,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** The tracer of this process, if there is somebody to receive traces. */
function traced(
  { traces }: Config,
  { traceHeaders }: Secrets,
  { store }: Pick<Data, 'store'>,
  context: Pick<Context, 'metrics' | 'log'>,
  started: AsyncDisposableStack,
): { tracer?: Tracer } {
  if (traces === undefined) return {};
  const exporter = started.use(new SpanExporter(traces, traceHeaders, context));
  return { tracer: new Tracer(exporter.take, traces.share, () => store.now()) };
}

/** Of several workers, the first process serves the metrics of all. @returns the URL, if this one does */
async function startMetrics(
  context: Context,
  started: AsyncDisposableStack,
): Promise<string | undefined> {
  const { config, metrics, peers, log } = context;
  if (config.metricsPort === undefined) return undefined;
  addServerMetrics(metrics, context);
  if (peers.number === 1) addDatabaseMetrics(metrics, context);
  if (peers.count > 1) return undefined;
  const read = async () => exposed([await metrics.snapshot()]);
  const listener = await serveMetrics(config, read, log);
  if (listener !== undefined) started.use(listener);
  return listener?.url;
}
