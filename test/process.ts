// The server as a separate process, for tests that kill it.
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
 * Resolves when it listens. It inherits nothing of our environment but PATH.
 * @param wrap modifies the server's command line
 * @param onLog called for each log line; by default they are printed
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
