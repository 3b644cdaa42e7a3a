// What a download costs a server of two workers, against a server of one: by the CPU time of all of their processes, each worker with
// as many devices.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '../bin/node-flags.js';
import { freePort } from '../test/postgres.ts';
import { bundledProgram } from './bundled.ts';
import type { Server } from './child.ts';
import { settingsOf } from './child.ts';
import type { Databases } from './databases.ts';
import { addDownloads, removeDownloads } from './download-stock.ts';
import { LARGE, turn, WAYS } from './downloads.ts';
import type { DownloadWay } from './downloads.ts';
import { Connection, Pool } from './http.ts';
import { childrenOf, cpuOfProcess } from './proc.ts';
import type { Sample } from './lists.ts';
import type { Figure } from './report.ts';
import { median, table } from './report.ts';

const WORKERS = [1, 2] as const;
/** Of each worker. */
const DOWNLOADS_A_TURN = 160;
/** The compilers of two processes cost much until about this many. */
const WARM_UP_TURNS = 15;
const PROFILES = 10_000;
const CONNECTIONS = 16;

/** What two workers are to do of what one does. */
const CAPACITY = { sqlite: 1.3, postgres: 1.8, citus: 1.8 };

interface Side {
  workers: number;
  url: string;
  server: Server & { shares(): number[] };
  /** Microseconds a download. */
  cpu: number[];
  rates: number[];
}

/** @returns figures, and what they are made of in Markdown */
export async function measureWorkers(
  databases: Databases,
  folder: string,
  rounds: number,
  newConnections: boolean,
  onRound: (round: number) => void,
): Promise<{ figure: Figure; details: string }> {
  await using opened = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const workers of WORKERS) {
    const url = await databases.filled(PROFILES + workers);
    const server = opened.use(await startStarted(url, join(folder, String(workers)), workers));
    sides.push({ workers, url, server, cpu: [], rates: [] });
  }
  const way = WAYS.find(
    (one) => one.profileType === LARGE && one.newConnections === newConnections && one.devices > 1,
  )!;
  for (let round = -WARM_UP_TURNS; round < rounds; round++) {
    onRound(round);
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const sample = await downloads(side, way);
      if (round < 0) continue;
      side.cpu.push(sample.cpu);
      side.rates.push(sample.rate);
    }
  }
  const [one, two] = sides as [Side, Side];
  const least = CAPACITY[databases.kind];
  return {
    figure: {
      work: `capacity of two workers (${way.name} each)`,
      against: 'of one',
      reach: `≥ ${least}`,
      values: two.cpu.map((cpu, round) => (2 * one.cpu[round]!) / cpu),
      reached: (ratio) => ratio >= least,
    },
    details: table(
      ['workers', 'server CPU a download', 'downloads a second', 'CPU by process'],
      sides.map(({ workers, cpu, rates, server }) => [
        String(workers),
        `${median(cpu).toFixed(0)} µs`,
        median(rates).toFixed(0),
        server
          .shares()
          .map((share) => `${(100 * share).toFixed(0)} %`)
          .join(', '),
      ]),
    ),
  };
}

/** As many for each worker, by as many devices: capacity is what is done when all of them are busy. */
async function downloads({ server, url, workers }: Side, way: DownloadWay): Promise<Sample> {
  try {
    const count = workers * DOWNLOADS_A_TURN;
    const tickets = await addDownloads(server, url, way.profileType, count);
    return await turn(server, { ...way, devices: workers * way.devices, count }, tickets);
  } finally {
    await removeDownloads(url);
  }
}

/** The server as it is started. */
async function startStarted(databaseUrl: string, folder: string, workers: number) {
  mkdirSync(folder, { recursive: true });
  const [port, es9] = [await freePort(), await freePort()];
  const env = {
    ...process.env,
    ...NODE_ENVIRONMENT,
    ...settingsOf(databaseUrl, folder),
    SIMWRIGHT_PORT: String(port),
    SIMWRIGHT_ES9_PORT: String(es9),
    SIMWRIGHT_WORKERS: String(workers),
    SIMWRIGHT_LOG_LEVEL: 'info',
  };
  const main = await bundledProgram('main');
  const child = spawn(process.execPath, [...NODE_FLAGS, main, 'start'], {
    env,
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => Promise.reject(new Error('the server does not start'))),
  ]);
  const pool = await Pool.open(port, CONNECTIONS);
  const cpus = () => [child.pid!, ...childrenOf(child.pid!)].map(cpuOfProcess);
  const first = cpus();
  let after = first;
  return {
    url: `http://127.0.0.1:${port}`,
    pool,
    connectEs9: () => Connection.openTls(es9),
    async usage() {
      after = cpus();
      return { cpuMicroseconds: after.reduce((sum, cpu) => sum + cpu, 0), rss: 0 };
    },
    /** Of all that has been done. */
    shares() {
      const spent = after.map((cpu, index) => cpu - first[index]!);
      const all = spent.reduce((sum, cpu) => sum + cpu, 0);
      return spent.map((cpu) => cpu / all);
    },
    async [Symbol.asyncDispose]() {
      pool.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}
