// The server as a process of its own, for tests that kill it.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../src/main.ts');

export interface ServerProcess {
  process: ChildProcess;
  url: string;
}

/**
 * Resolves when it listens. Nothing of our own environment but the PATH reaches it.
 * @param wrap makes another command line of that of the server
 * @param onLog called for each line that it logs; otherwise they are shown
 */
export async function startProcess(
  env: Record<string, string>,
  wrap: (command: string[]) => string[] = (command) => command,
  onLog?: (line: string) => void,
): Promise<ServerProcess> {
  const [program, ...args] = wrap([process.execPath, MAIN, 'start']);
  const child = spawn(program!, args, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', onLog === undefined ? 'inherit' : 'pipe'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  if (onLog !== undefined) createInterface(child.stderr!).on('line', onLog);
  const listening = Promise.withResolvers<string>();
  createInterface(child.stdout!).on('line', (line) => {
    const url = /Simwright listens on (\S+)/.exec(line)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  child.once('exit', () => listening.reject(new Error('the server ended before it listened')));
  return { process: child, url: await listening.promise };
}
