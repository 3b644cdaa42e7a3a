// Upgrade and CONNECT (RFC 9110 §7.8, §9.3.6): a request to upgrade is answered in plain HTTP, and the server does
// not act as a proxy.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { endFinally } from './last-bytes.ts';
import { allAnswered, awaitsLast, endConnectionWith, trackResponses } from './open-responses.ts';

/** Of a server. Beyond that, new connections are closed: each holds some memory, and a file descriptor. */
const MOST_CONNECTIONS = 10_000;

/** Connections that are sent their last response. */
const ending = new WeakSet<Socket>();

/**
 * Server options. A request with a body cannot be read a second time, so Node handles it at once, as the last of its
 * connection.
 */
export const UPGRADE_OPTIONS = {
  shouldUpgradeCallback: (request: IncomingMessage) => !hasBody(request),
};

/**
 * Manages the connections of a server created with `UPGRADE_OPTIONS`: every pending response is sent, or closed with
 * its connection.
 * @param refusal the complete response to a CONNECT
 */
export function careForConnections(
  server: Server,
  refusal: (request: IncomingMessage) => string,
): void {
  server.maxConnections = MOST_CONNECTIONS;
  server.prependListener('request', (request, response) => {
    if (!asksForUpgrade(request)) return;
    response.setHeader('Connection', 'close');
    endConnectionWith(response);
  });
  // Prepends its own listener, so it sees every response before the one above does.
  trackResponses(server);
  server.on('upgrade', (request, _stream, rest) => {
    void askAgain(server, request.socket, Buffer.concat([withoutUpgrade(request), rest]));
  });
  server.on('connect', (request) => {
    void endWith(request.socket, refusal(request));
  });
}

/**
 * Ends a connection after its pending responses. Calling it again has no effect.
 * @param answer sent last
 */
export async function endWith(socket: Socket, answer = ''): Promise<void> {
  if (ending.has(socket)) return;
  ending.add(socket);
  socket.on('error', ignore);
  // Read and drop further input: closing with unread bytes would reset the connection and lose the answer.
  socket.resume().once('end', () => socket.end());
  const hasBegun = await allAnswered(socket);
  if (hasBegun || !socket.writable) {
    socket.destroy();
    return;
  }
  endFinally(socket, answer);
}

/**
 * RFC 9110 §7.8: the request is answered as if it had not asked for an upgrade. Node has detached the socket; it gets
 * it back with the request, and whatever followed it, as unread input.
 */
async function askAgain(server: Server, socket: Socket, bytes: Buffer): Promise<void> {
  socket.on('error', ignore);
  // Node queues responses per connection: if the socket came back sooner, two would be written at once.
  if (await awaitsLast(socket)) return endWith(socket);
  socket.off('error', ignore);
  if (!socket.writable) return undefined;
  // Node's own listeners, which it adds again.
  socket.removeAllListeners('pause').removeAllListeners('resume');
  socket.setTimeout(server.timeout);
  socket.unshift(bytes);
  server.emit('connection', socket);
  return undefined;
}

/** The head of the request as received, without its Upgrade header. */
function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  let head = `${method} ${url} HTTP/${httpVersion}\r\n`;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.toLowerCase() !== 'upgrade') head += `${name}: ${rawHeaders[index + 1]}\r\n`;
  }
  return Buffer.from(`${head}\r\n`, 'latin1');
}

function asksForUpgrade({ headers }: IncomingMessage): boolean {
  return headers.upgrade !== undefined && /\bupgrade\b/i.test(headers.connection ?? '');
}

/** Checks `rawHeaders`, because `headers` may keep only the first of several. */
function hasBody({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.some(
    (name, index) => index % 2 === 0 && /^(content-length|transfer-encoding)$/i.test(name),
  );
}

function ignore(): void {}
