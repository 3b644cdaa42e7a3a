// Upgrade and CONNECT (RFC 9110 §7.8, §9.3.6): a client that asks for another protocol is answered in the one that
// there is, and the server is nobody's proxy.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { endFinally } from './last-bytes.ts';
import { allAnswered, awaitsLast, endConnectionWith, trackResponses } from './open-responses.ts';

/** Connections that are given their last answer. */
const ending = new WeakSet<Socket>();

/**
 * For the options of the server. A request with a body cannot be read a second time, so it is answered at once, as
 * the last of its connection.
 */
export const UPGRADE_OPTIONS = {
  shouldUpgradeCallback: (request: IncomingMessage) => !hasBody(request),
};

/**
 * Looks after the connections of a server that was made with `UPGRADE_OPTIONS`: every response that it owes is sent,
 * or closed with its connection.
 * @param refusal the whole answer to a CONNECT
 */
export function careForConnections(
  server: Server,
  refusal: (request: IncomingMessage) => string,
): void {
  server.prependListener('request', (request, response) => {
    if (!asksForUpgrade(request)) return;
    response.setHeader('Connection', 'close');
    endConnectionWith(response);
  });
  // Before the listener above: it knows of every response.
  trackResponses(server);
  server.on('upgrade', (request, _stream, rest) => {
    void askAgain(server, request.socket, Buffer.concat([withoutUpgrade(request), rest]));
  });
  server.on('connect', (request) => {
    void endWith(request.socket, refusal(request));
  });
}

/**
 * Ends a connection after the answers that it has still to give. Once more changes nothing.
 * @param answer its last
 */
export async function endWith(socket: Socket, answer = ''): Promise<void> {
  if (ending.has(socket)) return;
  ending.add(socket);
  socket.on('error', ignore);
  // What still comes is thrown away: closing with unread input would reset the connection and lose the answer.
  socket.resume().once('end', () => socket.end());
  const hasBegun = await allAnswered(socket);
  if (hasBegun || !socket.writable) {
    socket.destroy();
    return;
  }
  endFinally(socket, answer);
}

/**
 * §7.8: the request is answered as if it had not asked for another protocol. Node has let go of the connection; it
 * gets it back with the request, and whatever came behind it, still to be read.
 */
async function askAgain(server: Server, socket: Socket, bytes: Buffer): Promise<void> {
  socket.on('error', ignore);
  // Node queues answers by connection: given back sooner, two would be written at the same time.
  if (await awaitsLast(socket)) return endWith(socket);
  socket.off('error', ignore);
  if (!socket.writable) return undefined;
  // Node's own, which it adds again.
  socket.removeAllListeners('pause').removeAllListeners('resume');
  socket.setTimeout(server.timeout);
  socket.unshift(bytes);
  server.emit('connection', socket);
  return undefined;
}

/** The head as it came, but for the header that asks for another protocol. */
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

/** In all of the headers, of which `headers` may show only the first. */
function hasBody({ rawHeaders }: IncomingMessage): boolean {
  return rawHeaders.some(
    (name, index) => index % 2 === 0 && /^(content-length|transfer-encoding)$/i.test(name),
  );
}

function ignore(): void {}
