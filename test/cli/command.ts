// Runs the real command line on its own data folder.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { createAccount } from '../../src/operator/account/account.ts';
import { MAIN } from '../main-file.ts';
import { unitAt } from '../unit.ts';
import type { Outcome } from './in-process.ts';
import { runInProcess } from './in-process.ts';

export type { Outcome } from './in-process.ts';

/** Disposing of it kills running processes, so a failed test leaves none behind. */
export interface CommandLine extends AsyncDisposable {
  /** The data folder. */
  data: string;
  /** Starts a separate process. */
  start(...args: string[]): ChildProcess;
  /** Runs a separate process to its end. */
  runAlone(...args: string[]): Promise<Outcome>;
  /** Runs a command in the process of the test: a tenth of the work. */
  run(...args: string[]): Promise<Outcome>;
  /** Creates another account directly. @returns its SID */
  addAccount(): Promise<string>;
  /** Runs a command that must succeed. @returns what it printed */
  print(...args: string[]): Promise<string>;
  /** The same with --json. */
  json(...args: string[]): Promise<any>;
}

/** @param data an existing folder; by default one is created, and removed at the end */
export async function commandLine(
  env: Record<string, string> = {},
  data?: string,
): Promise<CommandLine> {
  const folder = data ?? (await mkdtemp(join(tmpdir(), 'simwright-cli-')));
  const running = new Set<ChildProcess>();

  function environment(): Record<string, string | undefined> {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(SIMWRIGHT_|NO_COLOR$|FORCE_COLOR$)/.test(name),
    );
    return {
      ...Object.fromEntries(inherited),
      SIMWRIGHT_DATA: folder,
      SIMWRIGHT_ES9_PORT: '0',
      SIMWRIGHT_METRICS_PORT: 'off',
      SIMWRIGHT_TEST_STOCK: '0',
      ...env,
    };
  }

  function start(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: environment() });
    running.add(child);
    child.once('close', () => running.delete(child));
    return child;
  }

  async function runAlone(...args: string[]): Promise<Outcome> {
    const child = start(...args);
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      once(child, 'close'),
    ]);
    return { code: code as number | null, stdout, stderr };
  }

  const run = (...args: string[]) => runInProcess(args, environment(), folder);

  async function print(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(...args);
    if (code !== 0) throw new Error(`simwright ${args.join(' ')} ended with ${code}: ${stderr}`);
    return stdout;
  }

  return {
    data: folder,
    start,
    runAlone,
    run,
    print,
    async addAccount() {
      const { config, secrets } = readConfig({ SIMWRIGHT_DATA: folder });
      const { store, masterKey } = await openData(config, secrets);
      const created = await store.transaction((tables) =>
        createAccount({ friendlyName: 'Another' }, masterKey, unitAt(tables, new Date())),
      );
      await store.close();
      return created!.account.sid;
    },
    json: async (...args) => JSON.parse(await print(...args, '--json')),
    async [Symbol.asyncDispose]() {
      const closed = Array.from(running, (child) => once(child, 'close'));
      for (const child of running) child.kill('SIGKILL');
      await Promise.all(closed);
      if (data === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
