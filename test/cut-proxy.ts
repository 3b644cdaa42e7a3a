// A connection to PostgreSQL that can be cut.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface CutProxy extends AsyncDisposable {
  /** The database's URL through this proxy. */
  url: string;
  /** Bytes transferred so far, in both directions. */
  readonly bytes: number;
  /** How many clients have connected so far, also while it is cut. */
  readonly connections: number;
  /** How often clients have sent something. */
  readonly sendings: number;
  /** Cuts every connection after this many more bytes, and then also new ones. */
  cutAfter(bytes: number): void;
  mend(): void;
}

/** @param target postgres://…/DATABASE */
export async function cutProxy(target: string): Promise<CutProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let bytes = 0;
  let sendings = 0;
  let connections = 0;
  let limit = Infinity;

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  function pass(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      const left = Math.max(limit - bytes, 0);
      bytes += chunk.length;
      if (chunk.length <= left) return to.write(chunk);
      // The first part still arrives, so a response may be cut in the middle.
      to.write(chunk.subarray(0, left), cut);
      return false;
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  }

  const server = createServer((client) => {
    connections++;
    if (bytes >= limit) return client.destroy();
    const upstream = connect(Number(port), hostname);
    client.on('data', () => sendings++);
    pass(client, upstream);
    return pass(upstream, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(target);
  url.port = String((server.address() as AddressInfo).port);

  return {
    url: url.href,
    get bytes() {
      return bytes;
    },
    get connections() {
      return connections;
    },
    get sendings() {
      return sendings;
    },
    cutAfter(more) {
      limit = bytes + more;
      if (more === 0) cut();
    },
    mend() {
      limit = Infinity;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
