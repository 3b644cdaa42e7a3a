// Checks that a server can listen, before it creates anything or answers.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Config } from './config.ts';
import { listenersOf } from './config/listeners.ts';

/**
 * Whether the workers of a server listen on the same port each by itself, and the system shares the connections out.
 * Elsewhere they share a socket, and whoever is idle takes the next connection.
 */
export const canReusePorts = process.platform === 'linux';

/** Workers of a server that was killed end as soon as they notice, and listen until then. */
const ORPHANS_LIMIT_MS = 3_000;
const ORPHANS_PAUSE_MS = 50;

/** Throws the system's error. */
export async function tryToListen(config: Config): Promise<void> {
  const patienceMs = config.workers > 1 ? ORPHANS_LIMIT_MS : 0;
  for (const { host, port } of listenersOf(config)) await tryOne(host, port, patienceMs);
}

export const freePort = (host: string) => tryOne(host, 0, 0);

/**
 * @param port 0: any
 * @param patienceMs how long it may be in use
 * @returns the port
 */
async function tryOne(host: string, port: number, patienceMs: number): Promise<number> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const listener = createServer().listen({ host, port });
    try {
      await once(listener, 'listening');
      const { port: found } = listener.address() as AddressInfo;
      await promisify(listener.close.bind(listener))();
      return found;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' || performance.now() > deadline) throw error;
      await sleep(ORPHANS_PAUSE_MS);
    }
  }
}
