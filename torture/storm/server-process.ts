// A server of the storm: `simwright start` in a process of its own, which is started again whenever it ends.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { CannotRun } from '../exit-codes.ts';
import { childrenOf } from '../../bench/proc.ts';
import type { Order } from './preload.ts';
import type { Version } from './version.ts';
import { THIS_VERSION } from './version.ts';

const PRELOAD = join(import.meta.dirname, 'preload.ts');
/** As a service manager would. */
const PAUSE_AFTER_FAILURE_MS = 300;
const STOP_LIMIT_MS = 30_000;
/** On however busy a machine. */
const START_LIMIT_MS = 60_000;
/** A server that does not start as often as this on a new database will not start by itself. */
const FIRST_STARTS = 3;

export interface ServerSettings {
  name: string;
  env: Record<string, string>;
  logFile: string;
  /** Modules loaded before the server, such as one that breaks it. */
  preloads?: readonly string[];
  /** What it runs at first. */
  version?: Version;
}

export class ServerProcess {
  readonly #settings: ServerSettings;
  readonly #log: number;
  #child: ChildProcess | undefined;
  #isWanted = true;
  #isKilled = false;
  /** Told to end, to be started again. */
  #isReplaced = false;
  #version: Version;
  /** Whether the process that runs now has listened. */
  #hasListened = false;
  #clockAheadMs = 0;
  #running: Promise<void>;
  #listening = Promise.withResolvers<void>();
  #launched = Promise.withResolvers<void>();
  readonly #refused = Promise.withResolvers<void>();
  /** Starts that came to nothing, such as while the database was down. */
  refusedStarts = 0;
  starts = 0;
  /** What a server must never do by itself: end after it has listened. */
  readonly crashes: string[] = [];

  constructor(settings: ServerSettings) {
    this.#settings = settings;
    this.#version = settings.version ?? THIS_VERSION;
    this.#log = openSync(settings.logFile, 'a');
    this.#running = this.#keepRunning();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the process that runs now, or the next one, listens. */
  get listening(): Promise<void> {
    return this.#listening.promise;
  }

  /** For the first start, when nothing fails yet. Throws if the server does not start, with what it said. */
  async firstStart(): Promise<void> {
    const late = AbortSignal.timeout(START_LIMIT_MS);
    const why = await Promise.race([
      this.listening.then(() => undefined),
      this.#refused.promise.then(() => 'does not start'),
      once(late, 'abort').then(() => `does not start within ${START_LIMIT_MS / 1_000} s`),
    ]);
    if (why === undefined) return;
    const { name, logFile } = this.#settings;
    const log = readFileSync(logFile, 'utf8').slice(-2_000);
    throw new CannotRun(`${name} ${why}; its log:\n${log}`);
  }

  /** Resolves when there is a process. */
  get launched(): Promise<void> {
    return this.#launched.promise;
  }

  async #keepRunning(): Promise<void> {
    while (this.#isWanted) {
      const hasListened = await this.#runOnce();
      if (!hasListened && this.#isWanted) await sleep(PAUSE_AFTER_FAILURE_MS);
    }
    closeSync(this.#log);
  }

  /** @returns whether it has listened, or was killed */
  async #runOnce(): Promise<boolean> {
    const { env, name, preloads = [] } = this.#settings;
    const imports = [PRELOAD, ...preloads].map((file) => `--import=${file}`);
    const version = this.#version;
    this.#note(`${name} starts: ${version.name}`);
    const child = spawn(process.execPath, [...imports, version.main, 'start'], {
      env: { ...version.known(env), TEST_CLOCK_AHEAD_MS: String(this.#clockAheadMs) },
      stdio: ['ignore', 'pipe', this.#log, 'ipc'],
      // Ctrl-C is for the storm, which then lets the servers end.
      detached: true,
    });
    child.on('error', () => {});
    this.#child = child;
    this.#isKilled = false;
    this.#isReplaced = false;
    this.#hasListened = false;
    this.starts++;
    this.#launched.resolve();
    let hasListened = false;
    createInterface(child.stdout!).on('line', (line) => {
      if (!line.includes('Simwright listens on')) return;
      hasListened = true;
      this.#hasListened = true;
      this.#listening.resolve();
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    this.#child = undefined;
    this.#hasListened = false;
    this.#launched = Promise.withResolvers();
    if (hasListened) this.#listening = Promise.withResolvers();
    this.#note(`${name} ended: ${signal ?? `exit code ${code}`}`);
    if (this.#isKilled) return true;
    if (!hasListened) {
      this.refusedStarts++;
      if (this.refusedStarts === FIRST_STARTS) this.#refused.resolve();
    } else if ((this.#isWanted && !this.#isReplaced) || code !== 0) {
      this.crashes.push(`${name} ended by itself: ${signal ?? `exit code ${code}`}`);
    }
    return hasListened;
  }

  #note(text: string): void {
    writeSync(this.#log, `--- ${new Date().toISOString()} ${text}\n`);
  }

  get version(): Version {
    return this.#version;
  }

  /** Whether it listens. */
  get isListening(): boolean {
    return this.#hasListened && this.#child !== undefined;
  }

  /** Resolves when the process has ended; the next one runs the version. Throws nothing: it is a crash if it does not end. */
  async replaceBy(version: Version, how: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#version = version;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    if (how === 'SIGKILL') {
      this.kill();
      await ended;
      return;
    }
    this.#isReplaced = true;
    this.#note('SIGTERM');
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.crashes.push(`${this.#settings.name} did not stop within ${STOP_LIMIT_MS / 1_000} s`);
      this.kill();
    }, STOP_LIMIT_MS);
    await ended;
    clearTimeout(timer);
  }

  /** From the next start on. */
  run(version: Version): void {
    this.#version = version;
  }

  kill(): void {
    this.#isKilled = true;
    this.#note('SIGKILL');
    this.#child?.kill('SIGKILL');
  }

  /** @returns whether there was such a worker */
  killWorker(index: number): boolean {
    const worker = this.#workers()[index];
    if (worker === undefined) return false;
    this.#note(`SIGKILL of the worker ${worker}`);
    process.kill(worker, 'SIGKILL');
    return true;
  }

  pause(): void {
    this.#signal('SIGSTOP');
  }

  resume(): void {
    this.#signal('SIGCONT');
  }

  /** A process that uses the database. */
  get servingPid(): number | undefined {
    return this.#workers()[0] ?? this.pid;
  }

  #workers(): number[] {
    return this.pid === undefined ? [] : childrenOf(this.pid);
  }

  /** To all of its processes. */
  #signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
    for (const worker of this.#workers()) {
      try {
        process.kill(worker, signal);
      } catch {
        // It has died since.
      }
    }
  }

  tell(order: Order): void {
    if (order.clockAheadMs !== undefined) this.#clockAheadMs = order.clockAheadMs;
    if (this.#child?.connected === true) this.#child.send(order, () => {});
  }

  /** Lets it finish its work. Throws if it does not end. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.crashes.push(`${this.#settings.name} did not stop within ${STOP_LIMIT_MS / 1_000} s`);
      this.kill();
    }, STOP_LIMIT_MS);
    await this.#running;
    clearTimeout(timer);
  }

  /** Whatever it does. */
  async end(): Promise<void> {
    this.#isWanted = false;
    if (this.#child !== undefined) this.kill();
    await this.#running;
  }
}
