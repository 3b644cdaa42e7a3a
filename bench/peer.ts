// A program of others that is measured beside ours, in a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isListening } from '../test/is-listening.ts';
import { freePort } from '../test/postgres.ts';
import { Connection, Pool } from './http.ts';
import { cpuOfProcess } from './proc.ts';
import type { Server } from './child.ts';

const CONNECTIONS = 16;
/** It may compile its ASN.1 first. */
const START_LIMIT_MS = 60_000;

/** What is measured of a peer: as of our server, but in plain HTTP. */
export type Peer = Pick<Server, 'pool' | 'connectEs9' | 'usage'> & AsyncDisposable;

/** @param command made from its port on the loopback address. Throws if it does not listen in time, with what it wrote */
export async function startPeer(
  command: (port: number) => string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Peer> {
  const port = await freePort();
  const [program, ...args] = command(port);
  const child = spawn(program!, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-2_000)));
  }
  const ended = once(child, 'close').then(() => true);
  const stop = async () => {
    child.kill();
    await ended;
  };
  for (const deadline = Date.now() + START_LIMIT_MS; !(await isListening(port));) {
    if (Date.now() < deadline && !(await Promise.race([ended, sleep(100, false)]))) continue;
    await stop();
    throw new Error(`${program} ${args.join(' ')} does not listen:\n${log}`);
  }
  const pool = await Pool.open(port, CONNECTIONS);
  return {
    pool,
    connectEs9: () => Connection.open(port),
    usage: async () => ({ cpuMicroseconds: cpuOfProcess(child.pid!), rss: 0 }),
    async [Symbol.asyncDispose]() {
      pool.close();
      await stop();
    },
  };
}
