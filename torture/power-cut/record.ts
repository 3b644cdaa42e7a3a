// A server at work, and every system call by which it changes a file, waits for the disk or answers, in order.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, cpSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/postgres.ts';
import { CannotRun } from '../exit-codes.ts';
import type { Journey } from '../journey.ts';
import { Random } from '../random.ts';
import { startReceiver } from '../receiver.ts';
import type { Party, Reachable } from '../storm/clients.ts';
import { SUITABLE, travel } from '../storm/clients.ts';
import { THIS_VERSION } from '../storm/version.ts';
import { readPkiOf, settingsFor } from '../storm/site.ts';
import { newTally } from '../storm/tally.ts';
import type { Tally } from '../storm/tally.ts';
import { CALLS } from './trace.ts';

/** A server from its start to its end. */
interface Run {
  /** How it ends, while clients are under way. */
  end: 'SIGKILL' | 'SIGTERM';
  /** Which syncs of the log fail, as strace counts them for each thread. */
  failing?: string;
}

/**
 * The first start; recovery; a restart after a clean end, on a disk that fails from time to time; one that fails for
 * good; and what the next start makes of that.
 */
const RUNS: readonly Run[] = [
  { end: 'SIGKILL' },
  { end: 'SIGTERM' },
  { end: 'SIGKILL', failing: '4+5' },
  { end: 'SIGKILL', failing: '5+' },
  { end: 'SIGTERM' },
];

export interface RecordOptions {
  seed: number;
  /** How long clients are at work in each run. */
  seconds: number;
  clients: number;
  runs?: number;
  preloads?: readonly string[];
  journeys?: readonly Journey[];
  /** Ends it before its time: then it is of no use. */
  enough?: AbortSignal;
}

/** Without these, a recording is of no use; the disk that fails comes later. */
const FEW_ORDERS = 3;
const AT_WORK_LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** In the folder of a recording: `disk`, which was there before and in which the server made its data. */
export const DISK = 'disk';
export const tracesOf = (folder: string, runs = RUNS.length): string[] =>
  Array.from({ length: runs }, (_, index) => join(folder, `trace-${index + 1}`));

/** @returns what clients did; violations are what they saw while it was recorded */
export async function record(folder: string, options: RecordOptions): Promise<Tally> {
  const { seed, seconds, clients, runs = RUNS.length, preloads = [] } = options;
  const ending = new AbortController();
  const enough = AbortSignal.any([ending.signal, ...(options.enough ? [options.enough] : [])]);
  // Clients go on for minutes if a server does not start.
  using ended = new DisposableStack();
  ended.defer(() => ending.abort());
  const tally = newTally();
  const random = new Random(seed);
  const disk = join(folder, DISK);
  mkdirSync(disk, { recursive: true });
  const [port, es9Port, esipaPort] = [await freePort(), await freePort(), await freePort()];
  const env: Record<string, string> = {
    ...settingsFor(join(disk, 'data')),
    SIMWRIGHT_PORT: String(port),
    SIMWRIGHT_ES9_PORT: String(es9Port),
    SIMWRIGHT_ESIPA_PORT: String(esipaPort),
    SIMWRIGHT_TEST_STOCK: '100',
  };
  await using receiver = await startReceiver();
  const log = openSync(join(folder, 'server.log'), 'a');
  const party: Party = {
    told: openSync(join(folder, 'acknowledged.jsonl'), 'a'),
    tally,
    journeys: options.journeys ?? SUITABLE,
    signal: enough,
  };
  let travellers: Promise<unknown> | undefined;
  let isOver = false;
  for (const [index, trace] of tracesOf(folder, runs).entries()) {
    const { end, failing } = RUNS[index]!;
    const server = await startTraced(trace, env, log, failing, preloads);
    travellers ??= (async () => {
      // Whatever another process did to the data would not be recorded.
      const copy = join(folder, 'copy');
      cpSync(join(disk, 'data'), copy, { recursive: true });
      const site: Reachable = {
        links: {
          clients: [{ port }],
          devices: [{ port: es9Port }],
          ipas: [{ port: esipaPort }],
        },
        pki: await readPkiOf({ ...env, SIMWRIGHT_DATA: copy }),
        receiver,
      };
      const all = Array.from({ length: clients }, () => random.fork());
      await Promise.all(all.map((own) => travel(site, own, party, () => isOver)));
    })();
    await sleep(seconds * 1_000, undefined, { signal: enough }).catch(() => {});
    if (index === 0) await untilAtWork(tally, enough);
    const isLast = index === runs - 1 || enough.aborted;
    if (isLast) {
      isOver = true;
      await travellers;
    }
    const gone = once(server, 'exit');
    server.kill(enough.aborted ? 'SIGKILL' : end);
    await gone;
    if (isLast) break;
  }
  tally.callbacks = receiver.accepted.length;
  closeSync(log);
  closeSync(party.told);
  return tally;
}

/** On a busy machine, clients may have done nothing so far. */
async function untilAtWork(tally: Tally, enough: AbortSignal): Promise<void> {
  const deadline = performance.now() + AT_WORK_LIMIT_MS;
  while (tally.orders < FEW_ORDERS && !enough.aborted && performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
  }
}

/** Resolves when it listens. @returns the server itself, not strace */
async function startTraced(
  trace: string,
  env: Record<string, string>,
  log: number,
  failing: string | undefined,
  preloads: readonly string[],
): Promise<ChildProcess> {
  const options = [
    '-D',
    '-f',
    '--seccomp-bpf',
    '-y',
    '-xx',
    '-s',
    '100000000',
    '-e',
    'signal=none',
  ];
  const inject = failing === undefined ? [] : ['-e', `inject=fdatasync:error=EIO:when=${failing}`];
  const imports = preloads.map((file) => `--import=${file}`);
  const command = [process.execPath, ...imports, THIS_VERSION.main, 'start'];
  const server = spawn(
    'strace',
    [...options, '-o', trace, '-e', `trace=${CALLS.join(',')}`, ...inject, ...command],
    // Ctrl-C is for the trial.
    { env: { ...env, UV_USE_IO_URING: '0' }, stdio: ['ignore', 'pipe', log], detached: true },
  );
  const killNow = () => server.kill('SIGKILL');
  process.once('exit', killNow);
  server.once('exit', () => process.off('exit', killNow));
  const listening = Promise.withResolvers<void>();
  createInterface(server.stdout!).on('line', (line) => {
    if (line.includes('Simwright listens on')) listening.resolve();
  });
  server.once('error', listening.reject);
  server.once('exit', (code) => {
    listening.reject(new CannotRun(`the server ended before it listened: exit code ${code}`));
  });
  await listening.promise;
  return server;
}
