// Runs commands within the test's process, each with its own streams, environment and folder. Starting a process
// costs about 0.4 seconds of CPU time, which most tests do not need.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Writable } from 'node:stream';
import { runCommand } from '../../src/cli/run.ts';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Own {
  env: Record<string, string | undefined>;
  stdout: Pipe;
  stderr: Pipe;
}

/** The output of a command; not a terminal. */
class Pipe extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const owns = new AsyncLocalStorage<Own>();
for (const name of ['env', 'stdout', 'stderr'] as const) {
  const ours = process[name];
  Object.defineProperty(process, name, { get: () => owns.getStore()?.[name] ?? ours });
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** A process has only one working directory, so commands run one after the other. */
let last: Promise<unknown> = Promise.resolve();

export function runInProcess(
  words: string[],
  env: Record<string, string | undefined>,
  folder: string,
): Promise<Outcome> {
  const outcome = last.then(async () => {
    const own = { env, stdout: new Pipe(), stderr: new Pipe() };
    const before = process.cwd();
    const listening = SIGNALS.map((signal) => process.listeners(signal));
    process.chdir(folder);
    try {
      const code = await owns.run(own, () => runCommand(words));
      return { code, stdout: own.stdout.text, stderr: own.stderr.text };
    } finally {
      process.chdir(before);
      for (const [index, signal] of SIGNALS.entries()) {
        for (const listener of process.listeners(signal)) {
          if (!listening[index]!.includes(listener)) process.off(signal, listener);
        }
      }
    }
  });
  last = outcome.catch(() => {});
  return outcome;
}
