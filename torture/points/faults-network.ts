// Faults of connections that a server opens; and what it has open, so that its death closes it.
import net from 'node:net';
import type { Server, Socket } from 'node:net';
import { current } from './instance.ts';
import { replaceMethod } from './replace-method.ts';

export function watchNetwork(): void {
  replaceMethod(
    net.Server.prototype,
    'listen',
    (listen) =>
      function (this: Server, ...given) {
        current()?.listens(this);
        return listen.apply(this, given);
      },
  );
  replaceMethod(
    net.Socket.prototype,
    'connect',
    (connect) =>
      function (this: Socket, ...given) {
        return mayConnect(this, portOf(given)) ? connect.apply(this, given) : this;
      },
  );
}

/** If not, the socket is told that it was refused. */
function mayConnect(socket: Socket, port: number): boolean {
  const instance = current();
  if (instance === undefined) return true;
  const peer = instance.fate.peerAt(port);
  try {
    instance.holds(socket);
    if (peer === undefined) return true;
    const name = `connect-to-${peer}`;
    const fault = instance.pass({ kind: `connect to ${peer}`, name, text: `connect to ${peer}` });
    if (fault === undefined) return true;
  } catch {
    // It is dead.
  }
  const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  process.nextTick(() => socket.destroy(error));
  return false;
}

/** Of `connect(port, …)`, `connect(options, …)`, or what `net.connect` makes of them. */
function portOf([first]: unknown[]): number {
  const options: unknown = Array.isArray(first) ? first[0] : first;
  return Number(typeof options === 'object' ? (options as { port?: number }).port : options);
}
