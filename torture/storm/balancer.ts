// A proxy in front of several servers, as one in production would be: it looks at `/readyz`, and sends a new connection to one
// that is ready. What a connection carries it does not read, so it repeats nothing.
import { once } from 'node:events';
import { get } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

export interface Place {
  port: number;
  es9Port: number;
  esipaPort: number;
}

export interface Balancer extends AsyncDisposable, Place {
  isReady(index: number): boolean;
  /** Its process has ended: it is not ready until the next one says so. */
  forget(index: number): void;
}

const CHECK_EVERY_MS = 200;
const CHECK_LIMIT_MS = 2_000;

export async function startBalancer(places: readonly Place[]): Promise<Balancer> {
  const ready = places.map(() => false);
  const sockets = new Set<Socket>();
  let next = 0;

  /** Those that are ready first; if none is, any may have become so. */
  function inOrder(): Place[] {
    next++;
    const all = places.map((_place, offset) => (next + offset) % places.length);
    return [...all.filter((index) => ready[index]), ...all.filter((index) => !ready[index])].map(
      (index) => places[index]!,
    );
  }

  /** Nothing has been sent to one that does not even accept the connection. */
  function reach(ports: readonly number[], then: (far: Socket | undefined) => void): void {
    const [port, ...rest] = ports;
    if (port === undefined) return then(undefined);
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const refused = () => reach(rest, then);
    far.once('error', refused);
    far.once('connect', () => {
      far.off('error', refused);
      then(far);
    });
  }

  async function listen(portOf: (place: Place) => number): Promise<Server> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (near) => {
      track(near);
      reach(inOrder().map(portOf), (far) => {
        if (far === undefined || near.destroyed) {
          far?.destroy();
          near.destroy();
          return;
        }
        track(far);
        near.on('close', () => far.destroy());
        far.on('close', () => near.destroy());
        near.pipe(far);
        far.pipe(near);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  }

  const checking = places.map(() => false);
  function check(index: number): void {
    if (checking[index]) return;
    checking[index] = true;
    const settle = (isReady: boolean) => {
      ready[index] = isReady;
      checking[index] = false;
    };
    const { port } = places[index]!;
    const asked = get({ port, host: '127.0.0.1', path: '/readyz', agent: false }, (answer) => {
      settle(answer.statusCode === 200);
      answer.resume();
    });
    asked.setTimeout(CHECK_LIMIT_MS, () => asked.destroy(new Error('no answer')));
    asked.on('error', () => settle(false));
  }

  const api = await listen(({ port }) => port);
  const es9 = await listen(({ es9Port }) => es9Port);
  const esipa = await listen(({ esipaPort }) => esipaPort);
  const timer = setInterval(() => {
    for (const index of places.keys()) check(index);
  }, CHECK_EVERY_MS);
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  return {
    port: portOf(api),
    es9Port: portOf(es9),
    esipaPort: portOf(esipa),
    isReady: (index) => ready[index]!,
    forget: (index) => void (ready[index] = false),
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const socket of sockets) socket.destroy();
      for (const server of [api, es9, esipa]) {
        server.close();
        await once(server, 'close');
      }
    },
  };
}
