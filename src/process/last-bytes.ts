// The last that a connection says.
import type { Socket } from 'node:net';

/** For whoever is told something last and need not close on his side. */
const LINGER_MS = 2_000;

/** Sends the last bytes of a connection, and ends it for good though the other side may not. */
export function endFinally(socket: Socket, bytes: string | Uint8Array): void {
  socket.end(bytes);
  // What still comes is dropped: closing with unread bytes would reset the connection, and lose the last ones.
  socket.resume();
  const cutOff = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cutOff));
}
