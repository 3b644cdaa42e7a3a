// `npm run torture -- power-cuts`
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { parseCount } from '../../src/cli/options.ts';
import { CannotRun, FOUND, TROUBLE } from '../exit-codes.ts';
import { endsOnInterrupt } from '../interrupt.ts';
import { preloadOption } from '../preload-option.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { canTamper } from '../storm/disk-faults.ts';
import { inWords } from '../storm/tally.ts';
import type { CutOutcome } from './power-cuts.ts';
import { tryCuts, VARIANTS } from './power-cuts.ts';
import { record, tracesOf } from './record.ts';
import { listByProblem } from './violated.ts';

const PROGRESS_EVERY_MS = 5_000;

interface Options {
  seed: number;
  seconds: number;
  clients: number;
  cuts?: number;
  every?: true;
  recording?: string;
  preload: string[];
}

const HELP = `
A server with SQLite works under strace, which records every write, truncation, sync and new name, and every answer,
in the order in which they happen: its first start, kill -9 and recovery, a clean end and a restart, and syncs that
fail. Then the recording is replayed up to a moment, and the files are built as a disk may hold them if the power was
cut there: what was synced, and of the rest ${VARIANTS.join(', ')}. From each, the data must open,
"verify" must find nothing, and every order that a client or receiver had been told of must be there as told.

Moments are before and after each write, sync, change of a name and answer; --cuts chooses among them by the seed,
--every takes all. A recording is of real processes, so another one is different: what is found in one is found again
with --recording FOLDER.

Exit codes: 0 nothing was lost; 1 something was; 2 it could not be run (strace is needed) or was interrupted, or invalid
command line.

Examples:
  $ npm run torture -- power-cuts --seed 1
  $ npm run torture -- power-cuts --seconds 10 --every`;

export function powerCutsCommand(): Command {
  return new Command('power-cuts')
    .description('SQLite: what is on the disk if the power is cut at any moment')
    .option('--seed <N>', 'which cuts, and what clients do', parseCount(0x7fff_ffff), 1)
    .option('--seconds <N>', 'how long clients work in each of five runs', parseCount(10_000), 5)
    .option('--clients <N>', 'clients side by side', parseCount(100), 4)
    .option('--cuts <N>', 'moments', parseCount(1e9), 1_000)
    .option('--every', 'all moments')
    .option('--recording <FOLDER>', 'one that was kept, instead of a new one')
    .addOption(preloadOption())
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options);
    });
}

async function run(options: Options): Promise<number> {
  const enough = endsOnInterrupt();
  using temporary = options.recording === undefined ? temporaryFolder('power-cuts') : undefined;
  const folder = temporary?.path ?? resolve(options.recording!);
  const seen: string[] = [];
  if (temporary !== undefined) {
    if (!canTamper()) throw new CannotRun('strace is not installed here, or may not trace');
    console.error('power cuts: recording');
    const tally = await record(folder, { ...options, preloads: options.preload, enough });
    if (enough.aborted) throw new CannotRun('interrupted while recording');
    console.error(`power cuts: recorded ${inWords(tally)}`);
    seen.push(...tally.violations);
  }
  const traces = tracesOf(folder).filter(existsSync);
  if (traces.length === 0) {
    throw new CannotRun(`expected the folder of a recording, with trace-1; got '${folder}'`);
  }
  let shown = performance.now();
  const outcome = await tryCuts(folder, traces, {
    seed: options.seed,
    cuts: options.every === true ? undefined : options.cuts,
    enough,
    progress: (done, of, { disks, violated }) => {
      if (performance.now() < shown + PROGRESS_EVERY_MS) return;
      shown = performance.now();
      console.error(`power cuts: ${done} of ${of}, ${disks} disks, ${violated.length} violated`);
    },
  });
  if (enough.aborted) console.log('power cuts: interrupted');
  console.log(summary(outcome));
  for (const one of seen) console.log(`  VIOLATED while recording: ${one}`);
  if (outcome.violated.length + seen.length === 0) return enough.aborted ? TROUBLE : 0;
  temporary?.keep();
  const which = options.every === true ? '--every' : `--cuts ${options.cuts}`;
  console.log(`  The recording, and the first disk that is violated: ${folder}`);
  console.log(
    `  To repeat it: npm run torture -- power-cuts --recording ${folder} --seed ${options.seed} ${which}`,
  );
  return FOUND;
}

function summary({ moments, cuts, disks, servers, told, violated }: CutOutcome): string {
  const { write, sync, name, sent } = moments;
  return [
    `power cuts: ${violated.length} of ${disks.toLocaleString('en')} disks violated, after ${cuts} cuts`,
    `  Recorded: ${write} writes, ${sync} syncs, ${name} changes of names, ${sent} answers about orders`,
    `  ${servers} of the disks were given to a whole server; clients had been told ${told} times`,
    ...listByProblem(violated).map((line) => `  ${line}`),
  ].join('\n');
}
