// The responses of each connection that are still open. Node itself forgets those that wait for their turn once a
// CONNECT or an Upgrade has come: they would never be closed, and whoever waits for that would wait for ever.
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How often we look for clients that do not read. */
const LOOK_MS = 10_000;
/** For so long the network may take nothing of an answer that is complete. */
const STALLED_MS = 60_000;

interface Connection {
  /** In the order of their requests. */
  responses: Set<ServerResponse>;
  /** Whether one of them is the last: RFC 9112 §9.6, no request behind it is processed. */
  isEnding: boolean;
  /** Told when that becomes so. */
  onEnding?: () => void;
  /** The one whose reader is given so much time. */
  watched?: ServerResponse;
}

const connections = new WeakMap<Socket, Connection>();

/**
 * Closes every response that its connection leaves behind, however that has ended, and cuts off clients that do
 * not read what was answered.
 */
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
    responses.add(response);
    if (!response.shouldKeepAlive) endConnectionWith(response);
    response.on('close', forget);
  });
  const looking = setInterval(() => {
    for (const socket of sockets) cutOffWhenStalled(socket, server);
  }, LOOK_MS).unref();
  server.once('close', () => clearInterval(looking));
}

/**
 * Resolves when every request that has come whole over the connection so far is answered, or the connection is
 * closed. @returns whether an answer to a request that will never be whole has begun
 */
export async function allAnswered(socket: Socket): Promise<boolean> {
  const { responses } = connectionOf(socket);
  for (const response of responses) {
    if (!response.req.complete) return response.headersSent;
    await new Promise<void>((resolve) => {
      onceClosed(response, resolve);
    });
  }
  return false;
}

/** The connection ends with this response: what was asked behind it is not answered. */
export function endConnectionWith(response: ServerResponse): void {
  const connection = connectionOf(response.req.socket);
  connection.isEnding = true;
  connection.onEnding?.();
  let isBehind = false;
  for (const other of connection.responses) {
    if (isBehind) other.destroy();
    if (other === response) isBehind = true;
  }
}

/** Waits as `allAnswered`, but not for a last response. @returns whether there is one: nothing is read behind it */
export async function awaitsLast(socket: Socket): Promise<boolean> {
  const connection = connectionOf(socket);
  const ending = new Promise<void>((resolve) => {
    connection.onEnding = resolve;
  });
  if (!connection.isEnding) await Promise.race([ending, allAnswered(socket)]);
  return connection.isEnding;
}

/** Calls `listener` once, when the response is closed; at once if it is closed already. */
export function onceClosed(response: ServerResponse, listener: () => void): void {
  if (response.destroyed) listener();
  else response.once('close', listener);
}

/** One for all: this is on the hot path. */
function forget(this: ServerResponse): void {
  connectionOf(this.req.socket).responses.delete(this);
}

function connectionOf(socket: Socket): Connection {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const responses = new Set<ServerResponse>();
  const connection: Connection = { responses, isEnding: false };
  connections.set(socket, connection);
  socket.once('close', () => {
    for (const response of responses) response.destroy();
  });
  return connection;
}

/** From then on the socket's own clock runs, which knows of everything that the network takes. */
function cutOffWhenStalled(socket: Socket, server: Server): void {
  const connection = connectionOf(socket);
  const [first] = connection.responses;
  if (first?.writableEnded !== true || connection.watched === first) return;
  connection.watched = first;
  const cutOff = () => socket.destroy();
  socket.setTimeout(STALLED_MS).once('timeout', cutOff);
  first.once('close', () => {
    socket.off('timeout', cutOff);
    // Otherwise Node has set it to how long an idle connection is kept.
    if (connection.responses.size > 0) socket.setTimeout(server.timeout);
  });
}
