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

/** What a process is asked for. */
export interface Asked {
  seed: number;
  /** What of the trace it sends back. */
  keeps?: 'events' | 'statements' | undefined;
  /** Names of the journeys among which the seed chooses; by default all. */
  journeys?: readonly string[] | undefined;
}

export type Simulated = Omit<Run, 'trace'> & { lines: string[] };

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
  failed: Simulated[];
}

/** In a process of its own, since the simulation must be loaded before the server. */
export async function simulateApart(asked: Asked): Promise<Simulated> {
  using child = startChild();
  return await child.simulate(asked);
}

export interface Course {
  /** As in `Asked`. */
  journeys?: readonly string[];
  /** Called after each run. */
  progress?: (tally: Tally, run: Simulated) => void;
  /** No other run is begun. */
  enough?: AbortSignal;
}

/** Throws if a process ends by itself. */
export async function simulateAll(
  { first, last }: Seeds,
  processes: number,
  { journeys, progress = () => {}, enough }: Course = {},
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
  const isEnough = () => enough?.aborted === true;
  await Promise.all(
    Array.from({ length: Math.min(processes, last - first + 1) }, async () => {
      using child = startChild();
      while (next <= last && !isEnough()) {
        const run = await child.simulate({ seed: next++, journeys });
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

function startChild(): Disposable & { simulate: (asked: Asked) => Promise<Simulated> } {
  // Ctrl-C is for whoever asks, who lets a run end.
  const child: ChildProcess = fork(fileURLToPath(new URL('child.ts', import.meta.url)), {
    detached: true,
  });
  return {
    simulate(asked) {
      return new Promise((resolve, reject) => {
        const ended = (code: number | null, signal: string | null) =>
          reject(new Error(`the process ended at seed ${asked.seed}: ${signal ?? code}`));
        child.once('exit', ended);
        child.once('message', (simulated) => {
          child.off('exit', ended);
          resolve(simulated as Simulated);
        });
        child.send(asked);
      });
    },
    [Symbol.dispose]() {
      if (child.connected) child.disconnect();
    },
  };
}
