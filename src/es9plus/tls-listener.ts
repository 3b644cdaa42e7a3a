// One port for the devices of every CI: what a client sends first decides which certificate it gets, and only then
// does TLS begin. Whatever does not become a TLS connection in time is closed, and told to `onFailure`.
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { ListenerLimits } from '../listener-limits.ts';
import { endFinally, fastifyLimits } from '../listener-limits.ts';
import type { Pki } from '../profile/pki.ts';
import type { ClientHello } from './client-hello.ts';
import { ClientHelloError, parseClientHello } from './client-hello.ts';
import type { FirstBytes } from './first-bytes.ts';
import { FirstBytesReader } from './first-bytes.ts';
import { TlsContexts } from './tls-contexts.ts';

export interface TlsListenerOptions {
  /** In the order of preference; another array when they have changed. */
  certificates: () => Pki['tls'];
  limits: ListenerLimits;
  log: Logger;
  /** @param reason OpenSSL's words where it was OpenSSL that refused */
  onFailure: (reason: string, address: string) => void;
}

const REASONS = {
  timedOut: 'timed out',
  closed: 'connection closed by the client',
  proxyHeader: 'PROXY protocol header',
  tooLong: 'ClientHello too long',
  // As OpenSSL says it.
  http: 'http request',
};

const HTTPS_ONLY = 'This port speaks HTTPS alone: the URL begins with https://\n';
const BAD_REQUEST =
  'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n' +
  `Content-Length: ${HTTPS_ONLY.length}\r\n\r\n${HTTPS_ONLY}`;
/** RFC 8446 §6: a fatal alert, decode_error. */
const DECODE_ERROR = Uint8Array.of(21, 3, 3, 0, 2, 2, 50);

interface Handshake {
  socket: Socket;
  address: string;
  deadline: NodeJS.Timeout;
}

/** An HTTP server whose connections are TLS. Throws `PkiError` when there is no certificate. */
export function createTlsListener(handler: RequestListener, options: TlsListenerOptions): Server {
  const { limits, log, onFailure } = options;
  const { http, connectionTimeout } = fastifyLimits(limits);
  const server = createServer(http, handler).setTimeout(connectionTimeout);
  const serveHttp = server.listeners('connection');
  /** By the client's address and port: TLS sockets do not tell which socket they were made of. */
  const handshakes = new Map<string, Handshake>();
  const contexts = new TlsContexts(options.certificates, log, {
    onSecure(socket) {
      if (end(keyOf(socket)) === undefined) socket.destroy();
      else for (const listener of serveHttp) listener.call(server, socket);
    },
    onError(error, socket) {
      fail(keyOf(socket), reasonOf(error));
      socket.destroy();
    },
  });

  function end(key: string | undefined): Handshake | undefined {
    const handshake = key === undefined ? undefined : handshakes.get(key);
    if (handshake === undefined) return undefined;
    handshakes.delete(key!);
    clearTimeout(handshake.deadline);
    return handshake;
  }

  function fail(key: string | undefined, reason: string): void {
    const handshake = end(key);
    if (handshake !== undefined) onFailure(reason, handshake.address);
  }

  function take(socket: Socket): void {
    const key = keyOf(socket);
    if (key === undefined) return void socket.destroy();
    const deadline = setTimeout(() => {
      fail(key, REASONS.timedOut);
      socket.destroy();
    }, limits.handshakeMs);
    handshakes.set(key, { socket, address: socket.remoteAddress!, deadline });
    // An HTTP server lets clients end first; what ends during a handshake has gone.
    socket.allowHalfOpen = false;
    const reader = new FirstBytesReader();
    const read = (chunk: Buffer) => {
      const first = reader.push(chunk);
      if (first === undefined) return;
      socket.off('data', read);
      begin(first, socket, key, reader);
    };
    socket
      .on('data', read)
      .on('error', () => {})
      // Load balancers look whether somebody listens: they connect and send nothing.
      .once('close', () => (reader.size === 0 ? end(key) : fail(key, REASONS.closed)));
  }

  function begin(first: FirstBytes, socket: Socket, key: string, reader: FirstBytesReader): void {
    switch (first.kind) {
      case 'http':
        fail(key, REASONS.http);
        return endFinally(socket, BAD_REQUEST);
      case 'proxy header':
        fail(key, REASONS.proxyHeader);
        return void socket.destroy();
      case 'too long':
        fail(key, REASONS.tooLong);
        return endFinally(socket, DECODE_ERROR);
      case 'not a client hello':
      case 'client hello': {
        socket.pause();
        socket.unshift(reader.bytes());
        const hello = first.kind === 'client hello' ? readHello(first.message) : undefined;
        contexts.choose(hello).emit('connection', socket);
      }
    }
  }

  return server.removeAllListeners('connection').on('connection', take);
}

/** undefined when it is broken, which OpenSSL says better. */
function readHello(message: Uint8Array): ClientHello | undefined {
  try {
    return parseClientHello(message);
  } catch (error) {
    if (error instanceof ClientHelloError) return undefined;
    throw error;
  }
}

/** undefined when the client has gone. */
function keyOf({ remoteAddress, remotePort }: Socket | TLSSocket): string | undefined {
  return remoteAddress === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}

/** `reason` is what OpenSSL says; without it, it was the network. */
function reasonOf(error: Error & { reason?: string; code?: string }): string {
  return error.reason ?? (error.code === 'ECONNRESET' ? REASONS.closed : (error.code ?? 'unknown'));
}
