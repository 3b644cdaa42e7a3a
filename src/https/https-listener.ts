// An HTTPS listener for functions of RSP (§6.1, §6.5.1), on node:http alone:
// docs/decisions/0030-es9plus-without-a-framework.md.
import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { Context } from '../context.ts';
import type { Listener } from '../process/listener-close.ts';
import type { ListenerLimits } from '../process/listener-limits.ts';
import { careForConnections } from '../process/listener-upgrade.ts';
import { ADMIN_PROTOCOL } from './admin-protocol.ts';
import { answerClientError } from './client-error.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import type { TlsMaterial } from './tls-contexts.ts';
import { createTlsListener } from './tls-listener.ts';

/** A response, without the headers that all have. */
export interface Answer {
  status: number;
  headers?: OutgoingHttpHeaders;
  /** As a string only if it is ASCII: Node sends that with the head, in one piece, and copies it less often. */
  body?: string | Uint8Array;
}

export interface HttpsListenerOptions extends TlsMaterial {
  limits: ListenerLimits;
  /** Answers a request; undefined: its client has gone. Never rejects. */
  answer: (request: IncomingMessage) => Promise<Answer | undefined>;
  /** Whose failed handshakes are counted. */
  name: keyof typeof FAILURE_PREFIX;
}

/** Put before the reasons of failed handshakes, where they are stored. */
const FAILURE_PREFIX = { es9plus: '', es2plus: 'ES2+: ', esipa: 'ESipa: ' };

/** RFC 9110 §9.3.6: this server is not a proxy. */
const CONNECT_REFUSAL =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export function buildHttpsListener(
  { limits, answer, name, ...material }: HttpsListenerOptions,
  context: Pick<
    Context,
    'log' | 'transact' | 'now' | 'config' | 'peers' | 'metrics' | 'draining' | 'turns'
  >,
): Listener {
  const failures = new HandshakeFailures(context);
  const server = createTlsListener(serve, {
    ...material,
    limits,
    log: context.log,
    turns: context.turns,
    onFailure(reason, address) {
      context.metrics.handshakeFailed(name, reason);
      failures.note(FAILURE_PREFIX[name] + reason, address);
    },
  });
  careForConnections(server, () => CONNECT_REFUSAL);
  server.on('clientError', answerClientError);

  function serve(request: IncomingMessage, response: ServerResponse): void {
    // RFC 9112 §9.6: nothing after the last request of a connection is processed.
    if (response.destroyed) return;
    void answer(request).then((given) => given && send(given, response));
  }

  function send({ status, headers, body }: Answer, response: ServerResponse): void {
    // While closing, an answered client must not keep its connection.
    if (!server.listening || context.draining.hasBegun) response.shouldKeepAlive = false;
    response.writeHead(status, {
      'x-admin-protocol': ADMIN_PROTOCOL,
      ...headers,
      ...(body === undefined ? {} : { 'content-length': body.length }),
    });
    response.end(body, 'latin1');
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    if (server.listening) await promisify(server.close.bind(server))();
    await failures.close();
  }
  return {
    server,
    async listen(at) {
      server.listen(at);
      await once(server, 'listening');
      return urlOf(server.address() as AddressInfo);
    },
    close: () => (closing ??= close()),
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  if (family === 'IPv6') return `https://[${address}]:${port}`;
  return `https://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}

/** RFC 9112 §3.2: the path of a target, which may be absolute, percent-encoded, and followed by a query. */
export function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*/s, '');
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

export function notFound({ method, url }: IncomingMessage): Answer {
  return httpError(404, 'Not Found', `Route ${method}:${url} not found`);
}

/** To what names no function, and so has no response of its own. */
export function httpError(
  status: 400 | 404 | 413 | 429 | 500,
  error: string,
  message: string,
): Answer {
  return {
    status,
    headers: {
      ...(status === 413 || status === 429 ? { connection: 'close' } : {}),
      'content-type': 'application/json; charset=utf-8',
    },
    body: Buffer.from(JSON.stringify({ message, error, statusCode: status })),
  };
}
