// One port for the devices of every CI: a client's first bytes determine which certificate it gets, and only then
// does TLS begin. Any connection that does not complete the handshake in time is closed and reported to `onFailure`.
import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { endFinally } from '../process/last-bytes.ts';
import type { ListenerLimits } from '../process/listener-limits.ts';
import { serverOptions } from '../process/listener-limits.ts';
import type { Turns } from '../process/turns.ts';
import type { ClientHello } from './client-hello.ts';
import { ClientHelloError, parseClientHello } from './client-hello.ts';
import type { FirstBytes } from './first-bytes.ts';
import { FirstBytesReader, MOST_BYTES } from './first-bytes.ts';
import type { TlsMaterial } from './tls-contexts.ts';
import { TlsContexts } from './tls-contexts.ts';

export interface TlsListenerOptions extends TlsMaterial {
  limits: ListenerLimits;
  log: Logger;
  /** When handshakes are done. */
  turns: Turns;
  /** @param reason OpenSSL's reason if OpenSSL refused */
  onFailure: (reason: string, address: string) => void;
}

const REASONS = {
  timedOut: 'timed out',
  closed: 'connection closed by the client',
  proxyHeader: 'PROXY protocol header',
  tooLong: 'ClientHello too long',
  tooMuch: 'too many handshakes at once',
  // OpenSSL's wording.
  http: 'http request',
};

const HTTPS_ONLY = 'This port speaks only HTTPS: the URL begins with https://\n';
const BAD_REQUEST =
  'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n' +
  `Content-Length: ${HTTPS_ONLY.length}\r\n\r\n${HTTPS_ONLY}`;
/** RFC 8446 §6: a fatal alert, decode_error. */
const DECODE_ERROR = Uint8Array.of(21, 3, 3, 0, 2, 2, 50);

/** And internal_error, for what is not the client's fault. */
const INTERNAL_ERROR = Uint8Array.of(21, 3, 3, 0, 2, 2, 80);

/** If the first that waits for its handshake has waited longer, one that comes now would wait as long, or in vain. */
const LONGEST_WAIT_MS = 3_000;

/** An HTTP server whose connections are TLS. */
export function createTlsListener(handler: RequestListener, options: TlsListenerOptions): Server {
  const { limits, log, onFailure, turns } = options;
  const server = createServer(serverOptions(limits), handler).setTimeout(limits.idleMs);
  const serveHttp = server.listeners('connection');
  const contexts = new TlsContexts(options, log);

  function serve(socket: TLSSocket): void {
    for (const listener of serveHttp) listener.call(server, socket);
  }

  function take(socket: Socket): void {
    // Already past its handshake: see process/listener-upgrade.ts.
    if (socket instanceof TLSSocket) return serve(socket);
    // Read now: unknown after a disconnect.
    const { remoteAddress: address = 'unknown' } = socket;
    const reader = new FirstBytesReader();
    let isOver = false;
    let forget: (() => void) | undefined;
    const deadline = setTimeout(() => {
      fail(REASONS.timedOut);
      socket.destroy();
    }, limits.handshakeMs);

    function end(): void {
      isOver = true;
      forget?.();
      clearTimeout(deadline);
    }
    function fail(reason: string): void {
      if (!isOver) onFailure(reason, address);
      end();
    }
    function read(chunk: Buffer): void {
      const first = reader.push(chunk);
      if (first === undefined) return;
      socket.off('data', read);
      begin(first);
    }
    function begin(first: FirstBytes): void {
      switch (first.kind) {
        case 'http':
          fail(REASONS.http);
          return endFinally(socket, BAD_REQUEST);
        case 'proxy header':
          fail(REASONS.proxyHeader);
          return void socket.destroy();
        case 'too long':
          fail(REASONS.tooLong);
          return endFinally(socket, DECODE_ERROR);
        case 'not a client hello':
        case 'client hello': {
          if (turns.waits('handshake') > LONGEST_WAIT_MS) {
            fail(REASONS.tooMuch);
            return endFinally(socket, INTERNAL_ERROR);
          }
          const hello = first.kind === 'client hello' ? readHello(first.message) : undefined;
          // It is still read, so that a client that goes is noticed, and no handshake done for it.
          const more = (chunk: Buffer) => {
            reader.push(chunk);
            if (reader.size <= MOST_BYTES) return;
            fail(REASONS.tooLong);
            socket.destroy();
          };
          socket.on('data', more);
          forget = turns.run('handshake', () => {
            socket.off('data', more).pause();
            socket.unshift(reader.bytes());
            contexts.begin(socket, hello, { onSecure, onError });
          });
        }
      }
    }
    function onSecure(secure: TLSSocket): void {
      end();
      serve(secure);
    }
    function onError(error: Error, secure: TLSSocket): void {
      fail(reasonOf(error));
      secure.destroy();
    }

    // An HTTP server allows half-open clients, but one that ends during a handshake is gone.
    socket.allowHalfOpen = false;
    socket
      .on('data', read)
      .on('error', () => {})
      // Load balancers' health checks connect and send nothing.
      .once('close', () => (reader.size === 0 ? end() : fail(REASONS.closed)));
  }

  return server.removeAllListeners('connection').on('connection', take);
}

/** Undefined if malformed, which OpenSSL reports better. */
function readHello(message: Uint8Array): ClientHello | undefined {
  try {
    return parseClientHello(message);
  } catch (error) {
    if (error instanceof ClientHelloError) return undefined;
    throw error;
  }
}

/** `reason` is from OpenSSL; without it, the network failed. */
function reasonOf(error: Error & { reason?: string; code?: string }): string {
  return error.reason ?? (error.code === 'ECONNRESET' ? REASONS.closed : (error.code ?? 'unknown'));
}
