// The server as a separate process, for tests that kill it.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { MAIN } from './main-file.ts';

/** The inherited part of our environment; the tests set where the compile cache is. */
const INHERITED = ['PATH', 'NODE_COMPILE_CACHE'];

const running = new Set<ChildProcess>();
/** Including those of failed tests, which would keep their file from ending. */
function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}
after(killAll);
process.once('exit', killAll);

export interface ServerProcess {
  process: ChildProcess;
  url: string;
}

/**
 * Resolves when it listens. Settings that are not given have their defaults.
 * @param wrap modifies the server's command line
 * @param onLog called for each log line; by default they are printed
 */
export async function startProcess(
  env: Record<string, string>,
  wrap: (command: string[]) => string[] = (command) => command,
  onLog?: (line: string) => void,
): Promise<ServerProcess> {
  const [program, ...args] = wrap([process.execPath, MAIN, 'start']);
  const inherited = INHERITED.map((name) => [name, process.env[name]]);
  const child = spawn(program!, args, {
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ['ignore', 'pipe', onLog === undefined ? 'inherit' : 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (onLog !== undefined) createInterface(child.stderr!).on('line', onLog);
  const listening = Promise.withResolvers<string>();
  createInterface(child.stdout!).on('line', (line) => {
    const url = /Simwright listens on (\S+)/.exec(line)?.[1];
    if (url !== undefined) listening.resolve(url);
  });
  child.once('exit', () => listening.reject(new Error('the server ended before it listened')));
  return { process: child, url: await listening.promise };
}
