// Closing a listener: what is under way is finished, but nobody can keep the process from stopping.
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * For what is under way. Once it closes, Node itself waits for ever: for the rest of a request, for a
 * handshake, for a client that does not read.
 */
const CLOSE_LIMIT_MS = 5_000;

/** @returns closes the listener; what is still connected after the limit is cut off */
export function closerOf(app: FastifyInstance): () => Promise<void> {
  const connected = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    // One that has asked for an upgrade connects again: see listener-upgrade.ts.
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
