// A proxy between server and database, for cutting the connection, or for making the database slow.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';

export interface TcpProxy {
  /** The URL with the proxy's address. */
  url: string;
  /** Ends every connection, and refuses new ones. */
  cut(): void;
  mend(): Promise<void>;
}

/** @param delayMs for which every byte is held, in both directions */
export async function startTcpProxy(target: string, delayMs = 0): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      if (delayMs > 0) one.pipe(delay(delayMs)).pipe(other);
      else one.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  const url = new URL(target);
  url.host = `127.0.0.1:${own}`;
  function cut(): void {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
  return {
    url: url.href,
    cut,
    async mend() {
      server.listen(own, '127.0.0.1');
      await once(server, 'listening');
    },
  };
}

/** Passes bytes on in order, so much later. */
function delay(ms: number): Transform {
  return new Transform({
    // What is held at once is limited by those who wait for an answer.
    transform(chunk, _encoding, done) {
      setTimeout(() => this.push(chunk), ms);
      done();
    },
    flush(done) {
      setTimeout(done, ms);
    },
  });
}
