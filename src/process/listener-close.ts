// Closing a listener: requests in progress finish, but no client can keep the process from stopping.
import type { Server, Socket } from 'node:net';

/** A server with HTTP, by Fastify or without. */
export interface Listener {
  server: Server;
  /** @returns its URL */
  listen(at: { host: string; port: number; reusePort?: boolean }): Promise<string>;
  /** Resolves when everything that has arrived is answered. */
  close(): Promise<unknown>;
}

/**
 * Limit for requests in progress. A closing Node server waits forever for the rest of a request, for a handshake, for
 * a client that does not read.
 */
const CLOSE_LIMIT_MS = 5_000;

/** @returns closes the listener and cuts off connections that outlast the limit */
export function closerOf(app: Listener): () => Promise<void> {
  const connected = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    // The event fires again for a connection that asked for an upgrade: see listener-upgrade.ts.
    if (connected.has(socket)) return;
    connected.add(socket);
    socket.once('close', () => connected.delete(socket));
  });
  return async () => {
    const cutOff = setTimeout(() => {
      for (const socket of connected) socket.destroy();
    }, CLOSE_LIMIT_MS);
    try {
      await app.close();
    } finally {
      clearTimeout(cutOff);
    }
  };
}
