// Checks that a server can listen, before it creates anything or answers.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
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

/** Of the ports below those that systems give to connections, one of which could take it before it is listened on. */
const [LOWEST, HIGHEST] = [10_000, 32_000];

/** Throws the system's error. */
export async function freePort(host: string): Promise<number> {
  for (;;) {
    try {
      const port = randomInt(LOWEST, HIGHEST);
      await tryOne(host, port, 0);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

/** @param patienceMs how long it may be in use */
async function tryOne(host: string, port: number, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const listener = createServer().listen({ host, port });
    try {
      await once(listener, 'listening');
      await promisify(listener.close.bind(listener))();
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EADDRINUSE' || performance.now() > deadline) throw error;
      await sleep(ORPHANS_PAUSE_MS);
    }
  }
}
