// The port where Prometheus fetches the metrics. It asks nobody who they are, and so belongs to this machine, or to a network
// of the operator's.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Listener } from '../process/listener-close.ts';
import { closerOf } from '../process/listener-close.ts';
import { serverOptions } from '../process/listener-limits.ts';
import { careForConnections } from '../process/listener-upgrade.ts';

export const PATH = '/metrics';
const LIMITS = {
  handshakeMs: 0,
  headersMs: 5_000,
  requestMs: 5_000,
  idleMs: 30_000,
  keepAliveMs: 72_000,
  checkEveryMs: 5_000,
};
/** RFC 9110 §9.3.6: this server is not a proxy. */
const CONNECT_REFUSAL =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
/** Several Prometheus servers, and people. */
const MOST_CONNECTIONS = 50;

/** All metrics, as text. */
export interface Exposition {
  contentType: string;
  text: string;
}

export interface MetricsListener extends AsyncDisposable {
  url: string;
}

/**
 * @param read called once for those who ask at the same time
 * @returns undefined, having said so, if the port is taken and nobody has asked for it
 */
export async function serveMetrics(
  { metricsHost: host, metricsPort: port, isMetricsPortChosen }: MetricsConfig,
  read: () => Promise<Exposition>,
  log: Logger,
): Promise<MetricsListener | undefined> {
  const server = createServer(serverOptions(LIMITS), metricsHandler(read, log));
  careForConnections(server, () => CONNECT_REFUSAL);
  server.setTimeout(LIMITS.idleMs);
  server.maxConnections = MOST_CONNECTIONS;
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isMetricsPortChosen || code !== 'EADDRINUSE') throw error;
    log.warn(
      `Metrics are not served: another program uses port ${port}. Set SIMWRIGHT_METRICS_PORT to another, or to off`,
    );
    return undefined;
  }
  const close = closerOf(listenerOf(server));
  const { port: found } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${found}${PATH}`,
    [Symbol.asyncDispose]: close,
  };
}

export type MetricsConfig = Pick<Config, 'metricsHost' | 'metricsPort' | 'isMetricsPortChosen'>;

function metricsHandler(read: () => Promise<Exposition>, log: Logger) {
  let reading: Promise<Exposition> | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    if (url.split('?', 1)[0] !== PATH) return end(response, 404, `Metrics are at ${PATH}\n`);
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return end(response, 405, 'Only GET is supported\n');
    }
    reading ??= read().finally(() => {
      reading = undefined;
    });
    const { contentType, text } = await reading;
    end(response, 200, text, contentType);
  }

  return (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch((error: unknown) => {
      log.error({ err: error }, 'metrics could not be read');
      end(response, 503, 'The metrics could not be read; the log says why\n');
    });
  };
}

function end(
  response: ServerResponse,
  status: number,
  text: string,
  contentType = 'text/plain; charset=utf-8',
): void {
  const body = Buffer.from(text);
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}

function listenerOf(server: Server): Listener {
  return {
    server,
    listen: async () => '',
    close: promisify(server.close.bind(server)),
  };
}
