// A network connection of the storm, with weather: a proxy between two parties, whose address stays the same.
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * - slow: everything takes longer
 * - silent: nothing arrives until the weather changes
 * - cut: connections end, and new ones are refused
 * - torn: a connection ends in the middle of what it carries
 * - answers lost: requests arrive, and their connection ends before the answer does
 */
export const WEATHERS = ['slow', 'silent', 'cut', 'torn', 'answers lost'] as const;
export type Weather = (typeof WEATHERS)[number] | 'clear';

export interface Link extends AsyncDisposable {
  port: number;
  setWeather(weather: Weather): void;
}

const SLOW_MS = 150;
/** A connection in torn weather ends after this many bytes from the far side. */
const TORN_AFTER = 700;

/** @param target port on the loopback address; nobody need listen there yet */
export async function startLink(target: number): Promise<Link> {
  let weather: Weather = 'clear';
  let changed = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();

  function join(near: Socket, far: Socket): void {
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
    }
    carry(near, far, () => true);
    let carried = 0;
    carry(far, near, (chunk) => {
      if (weather === 'answers lost') return false;
      carried += chunk.length;
      if (weather !== 'torn' || carried <= TORN_AFTER) return true;
      near.write(chunk.subarray(0, Math.max(0, chunk.length - (carried - TORN_AFTER))));
      return false;
    });
  }

  /** Chunks keep their order, and the end comes after them. */
  function carry(from: Socket, to: Socket, passes: (chunk: Buffer) => boolean): void {
    let before = Promise.resolve();
    const after = (work: () => void) => {
      before = before.then(async () => {
        if (weather === 'slow') await sleep(SLOW_MS);
        await silenceEnds(from);
        work();
      });
    };
    from.on('data', (chunk: Buffer) =>
      after(() => {
        if (passes(chunk)) to.write(chunk);
        else to.destroySoon();
      }),
    );
    from.on('end', () => after(() => to.end()));
  }

  async function silenceEnds(socket: Socket): Promise<void> {
    if (weather !== 'silent' || socket.destroyed) return;
    await changed.promise;
    await silenceEnds(socket);
  }

  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (weather === 'cut') near.destroy();
    else join(near, connect({ port: target, host: '127.0.0.1', allowHalfOpen: true }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  function setWeather(next: Weather): void {
    weather = next;
    if (next === 'cut') for (const socket of sockets) socket.destroy();
    changed.resolve();
    changed = Promise.withResolvers();
  }
  return {
    port: (server.address() as AddressInfo).port,
    setWeather,
    async [Symbol.asyncDispose]() {
      setWeather('cut');
      server.close();
      await once(server, 'close');
    },
  };
}
