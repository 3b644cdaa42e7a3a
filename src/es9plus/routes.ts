// ES9+ over HTTPS (§6.5, §6.6), on node:http alone: docs/decisions/0030-es9plus-without-a-framework.md.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import proxyAddr from '@fastify/proxy-addr';
import type { Context } from '../context.ts';
import type { Listener } from '../process/listener-close.ts';
import { ES9PLUS_LIMITS } from '../process/listener-limits.ts';
import { careForConnections } from '../process/listener-upgrade.ts';
import { answerCall } from './answer-call.ts';
import { ASN1_PATH, asn1Binding, functionOfMessage } from './asn1-binding.ts';
import { answerClientError } from './client-error.ts';
import type { Answer, Binding, CallRequest } from './envelope.ts';
import { ADMIN_PROTOCOL, httpError, unreadable } from './envelope.ts';
import { internal } from './failure.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import type { FunctionName } from './functions.ts';
import { functions } from './functions.ts';
import { jsonBinding } from './json-binding.ts';
import { readBody, UnreadableBody } from './request-body.ts';
import { createTlsListener } from './tls-listener.ts';

const PATH = '/gsma/rsp2/es9plus/';
/** What a path calls: a function, or what its message names. */
interface Called {
  binding: Binding;
  name: FunctionName | undefined;
}
const CALLED = new Map<string, Called>([
  ...(Object.keys(functions) as FunctionName[]).map((name): [string, Called] => [
    PATH + name,
    { binding: jsonBinding, name },
  ]),
  [ASN1_PATH, { binding: asn1Binding, name: undefined }],
]);
/** RFC 9110 §9.3.6: this server is not a proxy. */
const CONNECT_REFUSAL =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
/** LPAs wait longer than this, some only slightly. */
const ANSWER_LIMIT_MS = 15_000;

export interface Es9Plus extends Listener {
  /** Answers a call that was not received over HTTP. */
  answer(request: CallRequest): Promise<Answer>;
}

/**
 * Throws `PkiError` if there is no TLS certificate.
 * @param answerLimitMs after this time, a call that waits for the store is answered as busy
 */
export function buildEs9Plus(
  context: Context,
  limits = ES9PLUS_LIMITS,
  answerLimitMs = ANSWER_LIMIT_MS,
): Es9Plus {
  const { config, log } = context;
  const isTrustedProxy = proxyAddr.compile(config.trustedProxies);
  const failures = new HandshakeFailures(context);
  const server = createTlsListener(serve, {
    certificates: () => context.pki.tls,
    limits,
    log,
    onFailure: failures.note,
  });
  careForConnections(server, () => CONNECT_REFUSAL);
  server.on('clientError', answerClientError);

  function serve(request: IncomingMessage, response: ServerResponse): void {
    // RFC 9112 §9.6: nothing after the last request of a connection is processed.
    if (response.destroyed) return;
    const called = calledBy(request);
    if (called === undefined) send(notFound(request), response);
    else void answerHttp(called, request).then((given) => given && send(given, response));
  }

  async function answerHttp(
    { binding, name: named }: Called,
    request: IncomingMessage,
  ): Promise<Answer | undefined> {
    let name = named;
    try {
      const address = proxyAddr(request, isTrustedProxy);
      const body = await readBody(request);
      if (body === undefined) return undefined;
      name ??= functionOfMessage(body);
      return await answer({ binding, name, headers: request.headers, body, address });
    } catch (error) {
      if (error instanceof UnreadableBody) {
        return name === undefined ? namingNone(error) : unreadable(error, binding, name);
      }
      log.error({ err: error }, 'unexpected error in ES9+');
      return name === undefined
        ? httpError(500, 'Internal Server Error', 'Internal error of the SM-DP+')
        : binding.refused(internal(), name);
    }
  }

  const answer = (request: CallRequest) => answerCall(request, context, answerLimitMs);

  function send({ status, headers, body }: Answer, response: ServerResponse): void {
    // While closing, an answered client must not keep its connection.
    if (!server.listening) response.shouldKeepAlive = false;
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
    answer,
  };
}

function urlOf({ address, family, port }: AddressInfo): string {
  if (family === 'IPv6') return `https://[${address}]:${port}`;
  return `https://${address === '0.0.0.0' ? '127.0.0.1' : address}:${port}`;
}

function calledBy({ method, url = '' }: IncomingMessage): Called | undefined {
  return method === 'POST' ? (CALLED.get(url) ?? CALLED.get(pathOf(url))) : undefined;
}

/** RFC 9112 §3.2: the path of a target, which may be absolute, percent-encoded, and followed by a query. */
function pathOf(target: string): string {
  const path = target.replace(/^https?:\/\/[^/]*/i, '').replace(/[?#].*/s, '');
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

function notFound({ method, url }: IncomingMessage): Answer {
  return httpError(404, 'Not Found', `Route ${method}:${url} not found`);
}

/** A body that names no function, so that no function can refuse it. */
function namingNone({ message, isCutShort }: UnreadableBody): Answer {
  return isCutShort
    ? httpError(413, 'Payload Too Large', message)
    : httpError(400, 'Bad Request', message);
}
