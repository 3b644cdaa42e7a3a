// Many seeds, on several processes.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Run } from './simulate.ts';

export interface Seeds {
  first: number;
  /** Included. */
  last: number;
}

/** A run without its trace. */
export type Summary = Omit<Run, 'trace'> & { digest: string };

/** What many runs were. */
export interface Tally {
  runs: number;
  journeys: number;
  troubles: number;
  starts: number;
  /** Rows that were examined at the ends. */
  examined: number;
  /** Simulated time, in milliseconds. */
  elapsed: number;
  /** Runs with violations, by seed. */
  failed: Summary[];
}

export function summarise({ trace, ...run }: Run): Summary {
  return { ...run, digest: trace.digest() };
}

/**
 * @param progress called after each run
 * Throws if a process ends by itself.
 */
export async function simulateAll(
  { first, last }: Seeds,
  processes: number,
  progress: (tally: Tally, run: Summary) => void = () => {},
): Promise<Tally> {
  const tally: Tally = {
    runs: 0,
    journeys: 0,
    troubles: 0,
    starts: 0,
    examined: 0,
    elapsed: 0,
    failed: [],
  };
  let next = first;
  await Promise.all(
    Array.from({ length: Math.min(processes, last - first + 1) }, async () => {
      using child = startChild();
      while (next <= last) {
        const run = await child.simulate(next++);
        tally.runs++;
        for (const count of ['journeys', 'troubles', 'starts', 'examined', 'elapsed'] as const) {
          tally[count] += run[count];
        }
        if (run.violations.length > 0) tally.failed.push(run);
        progress(tally, run);
      }
    }),
  );
  tally.failed.sort((left, right) => left.seed - right.seed);
  return tally;
}

function startChild(): Disposable & { simulate: (seed: number) => Promise<Summary> } {
  const child: ChildProcess = fork(fileURLToPath(new URL('child.ts', import.meta.url)));
  return {
    simulate(seed) {
      return new Promise((resolve, reject) => {
        const ended = () => reject(new Error(`the process ended at seed ${seed}`));
        child.once('exit', ended);
        child.once('message', (summary) => {
          child.off('exit', ended);
          resolve(summary as Summary);
        });
        child.send(seed);
      });
    },
    [Symbol.dispose]() {
      if (child.connected) child.disconnect();
    },
  };
}
