// Ending a connection after its last bytes.
import type { Socket } from 'node:net';

/** Time for the peer to read the last bytes; it may never close its side. */
const LINGER_MS = 2_000;

/** Sends the last bytes of a connection and closes it, even if the peer does not. */
export function endFinally(socket: Socket, bytes: string | Uint8Array): void {
  socket.end(bytes);
  // Read and drop further input: closing with unread bytes would reset the connection and lose the answer.
  socket.resume();
  const cutOff = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(cutOff));
}
