// The open responses of each connection. After a CONNECT or an Upgrade, Node forgets the responses queued before it:
// they would never be closed, and whatever awaits that would wait forever.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How often to look for clients that do not read. */
const LOOK_MS = 10_000;
/** How long a complete response may make no progress on the network. */
const STALLED_MS = 60_000;

interface Connection {
  /** In the order of their requests. No Set: see `Tally`. */
  responses: ServerResponse[];
  /** Whether one of them is the last: no request after it is processed (RFC 9112 §9.6). */
  isEnding: boolean;
  /** Called when `isEnding` becomes true. */
  onEnding?: () => void;
  /** The response for which `STALLED_MS` is running. */
  watched?: ServerResponse;
}

const connections = new WeakMap<Socket, Connection>();

/** Closes every response still open when its connection ends, and cuts off clients that do not read their responses. */
export function trackResponses(server: Server): void {
  const sockets = new Set<Socket>();
  server.prependListener('request', ({ socket }, response: ServerResponse) => {
    if (!sockets.has(socket)) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    const { responses, isEnding } = connectionOf(socket);
    if (isEnding || socket.closed) {
      response.destroy();
      return;
    }
    responses.push(response);
    if (!response.shouldKeepAlive) endConnectionWith(response);
    response.on('close', forget);
  });
  const looking = setInterval(() => {
    for (const socket of sockets) cutOffWhenStalled(socket, server);
  }, LOOK_MS).unref();
  server.once('close', () => clearInterval(looking));
}

/**
 * Resolves when every complete request received so far is answered, or the connection is closed. @returns whether the
 * response to a request that will never be complete has begun
 */
export async function allAnswered(socket: Socket): Promise<boolean> {
  const { responses } = connectionOf(socket);
  for (const response of responses.slice()) {
    if (!responses.includes(response)) continue;
    if (!response.req.complete) return response.headersSent;
    await new Promise<void>((resolve) => {
      onceClosed(response, resolve);
    });
  }
  return false;
}

/** Makes this the last response of its connection: later requests are not answered. */
export function endConnectionWith(response: ServerResponse): void {
  const connection = connectionOf(response.req.socket);
  connection.isEnding = true;
  connection.onEnding?.();
  const place = connection.responses.indexOf(response);
  if (place < 0) return;
  for (const later of connection.responses.slice(place + 1)) later.destroy();
}

/**
 * Like `allAnswered`, but stops waiting once the connection has a last response. @returns whether it has one: nothing
 * after it is read
 */
export async function awaitsLast(socket: Socket): Promise<boolean> {
  const connection = connectionOf(socket);
  const ending = new Promise<void>((resolve) => {
    connection.onEnding = resolve;
  });
  if (!connection.isEnding) await Promise.race([ending, allAnswered(socket)]);
  return connection.isEnding;
}

/** Calls `listener` once, when the response closes, or immediately if it already has. */
export function onceClosed(response: ServerResponse, listener: () => void): void {
  if (response.destroyed) listener();
  else response.once('close', listener);
}

/** One shared listener: this is on the hot path. */
function forget(this: ServerResponse): void {
  const { responses } = connectionOf(this.req.socket);
  const place = responses.indexOf(this);
  if (place >= 0) responses.splice(place, 1);
}

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const responses: ServerResponse[] = [];
  const connection: Connection = { responses, isEnding: false };
  connections.set(socket, connection);
  socket.once('close', () => {
    for (const response of responses.slice()) response.destroy();
  });
  return connection;
}

/** Starts the socket's own timeout, which every byte that the network accepts restarts. */
function cutOffWhenStalled(socket: Socket, server: Server): void {
  const connection = connectionOf(socket);
  const [first] = connection.responses;
  if (first?.writableEnded !== true || connection.watched === first) return;
  connection.watched = first;
  const cutOff = () => socket.destroy();
  socket.setTimeout(STALLED_MS).once('timeout', cutOff);
  first.once('close', () => {
    socket.off('timeout', cutOff);
    // With no response left, Node has already set the keep-alive timeout.
    if (connection.responses.length > 0) socket.setTimeout(server.timeout);
  });
}
