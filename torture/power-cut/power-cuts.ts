// Every power cut that a recorded server could have suffered, and what a disk may then hold.
import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../random.ts';
import { examine, putOnDisk } from './check.ts';
import { Disk } from './disk.ts';
import type { Fate, Unsynced } from './disk.ts';
import { DISK } from './record.ts';
import { Replay } from './replay.ts';
import type { Step } from './replay.ts';
import { Listener } from './told.ts';
import type { Told } from './told.ts';
import { readTrace } from './trace.ts';
import type { Violated } from './violated.ts';

/**
 * Which part of what was not synced is on the disk.
 * - none, all
 * - beginning: as if it was written in order, and the last write torn between two sectors
 * - some writes, some sectors: any of them, whatever came before
 */
export const VARIANTS = ['none', 'all', 'beginning', 'some writes', 'some sectors'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface CutOptions {
  seed: number;
  /** At most so many moments, chosen by the seed; undefined: every one. */
  cuts: number | undefined;
  variants?: readonly Variant[];
  /** Of how many disks one is given to a whole server. */
  serverEvery?: number;
  progress?: (done: number, of: number, outcome: CutOutcome) => void;
  /** No other cut is tried. */
  enough?: AbortSignal;
}

export interface CutOutcome {
  /** Moments that a recording has, by what happened just before. */
  moments: Record<Step, number>;
  /** How many of them were tried. */
  cuts: number;
  /** Different disks that were examined. */
  disks: number;
  servers: number;
  /** Of orders, at the last cut. */
  told: number;
  violated: Violated[];
}

const SERVER_EVERY = 100;

/** @param folder of the recording; the disk of the first violation is kept in it as `violated` */
export async function tryCuts(
  folder: string,
  traces: readonly string[],
  options: CutOptions,
): Promise<CutOutcome> {
  const { seed, cuts, enough, progress = () => {} } = options;
  const root = join(folder, DISK);
  const outcome: CutOutcome = {
    moments: { write: 0, sync: 0, name: 0, sent: 0 },
    cuts: 0,
    disks: 0,
    servers: 0,
    told: 0,
    violated: [],
  };
  const steps: Step[] = [];
  for await (const { step } of replayed(root, traces)) steps.push(step);
  for (const step of steps) outcome.moments[step]++;
  const chosen = choose(steps, cuts, new Random(seed));
  let at = 0;
  for await (const moment of replayed(root, traces)) {
    if (enough?.aborted === true) break;
    const index = at++;
    if (!chosen.has(index)) continue;
    outcome.cuts++;
    outcome.told = moment.told.length;
    // Its own source of chance, so that a cut is the same whichever others are tried.
    await tryCut(moment, index, new Random(seed + index), folder, options, outcome);
    progress(outcome.cuts, chosen.size, outcome);
  }
  return outcome;
}

interface Moment {
  step: Step;
  disk: Disk;
  told: readonly Told[];
}

async function* replayed(root: string, traces: readonly string[]): AsyncGenerator<Moment> {
  const disk = new Disk();
  disk.mount(root);
  const told: Told[] = [];
  const known = new Set<string>();
  for (const trace of traces) {
    const listener = new Listener();
    let heard = false;
    const replay = new Replay(disk, root, (sent) => {
      const news = listener.hear(sent).filter((one) => !known.has(JSON.stringify(one)));
      for (const one of news) known.add(JSON.stringify(one));
      told.push(...news);
      heard = news.length > 0;
    });
    for await (const call of readTrace(trace)) {
      const step = replay.take(call);
      if (step === undefined || (step === 'sent' && !heard)) continue;
      yield { step, disk, told };
    }
  }
}

/** Half of them are writes, of which there are most. */
function choose(steps: readonly Step[], cuts: number | undefined, random: Random): Set<number> {
  const all = steps.map((_, index) => index);
  if (cuts === undefined || cuts >= steps.length) return new Set(all);
  const kinds = [
    all.filter((at) => steps[at] === 'write'),
    all.filter((at) => steps[at] !== 'write'),
  ];
  const chosen = new Set<number>();
  for (let turn = 0; chosen.size < cuts; turn++) {
    const kind = kinds[turn % 2]!;
    if (kind.length > 0) chosen.add(kind.splice(random.integer(0, kind.length - 1), 1)[0]!);
  }
  return chosen;
}

async function tryCut(
  { step, disk, told }: Moment,
  index: number,
  random: Random,
  folder: string,
  { serverEvery = SERVER_EVERY, variants = VARIANTS }: CutOptions,
  outcome: CutOutcome,
): Promise<void> {
  const root = join(folder, DISK);
  const seen = new Set<string>();
  const unsynced = disk.unsynced();
  for (const variant of variants) {
    const files = disk.after(fates(variant, unsynced, random), filler(random));
    const identity = identityOf(files);
    if (seen.has(identity)) continue;
    seen.add(identity);
    const copy = join(folder, 'after');
    putOnDisk(files, root, copy);
    const serves = outcome.disks++ % serverEvery === serverEvery - 1;
    if (serves) outcome.servers++;
    const problems = await examine(copy, told, serves);
    if (problems.length === 0) continue;
    if (outcome.violated.length === 0) {
      putOnDisk(files, root, copy);
      cpSync(copy, join(folder, 'violated'), { recursive: true });
    }
    const holds = `${variant} of ${unsynced.length} unsynced changes`;
    outcome.violated.push({ moment: index, step, holds, problems });
  }
}

function fates(
  variant: Variant,
  unsynced: readonly Unsynced[],
  random: Random,
): (change: Unsynced['change']) => Fate {
  const fateOf = new Map<Unsynced['change'], Fate>();
  const last = random.integer(0, Math.max(0, unsynced.length - 1));
  const torn = random.integer(0, 0x7fff_ffff);
  for (const [index, { change }] of unsynced.entries()) {
    const own = random.fork();
    fateOf.set(
      change,
      {
        none: 'none' as const,
        all: 'whole' as const,
        beginning:
          index < last
            ? ('whole' as const)
            : index > last
              ? ('none' as const)
              : tornAt(change, torn),
        'some writes': own.chance(0.5) ? ('whole' as const) : ('none' as const),
        'some sectors': { sectors: () => own.chance(0.5) },
      }[variant],
    );
  }
  return (change) => fateOf.get(change) ?? 'none';
}

function tornAt(change: Unsynced['change'], where: number): Fate {
  if (!('offset' in change)) return 'whole';
  const [first, count] = [Math.floor(change.offset / 512), Math.ceil(change.bytes.length / 512)];
  return { sectors: (index) => index - first < where % (count + 1) };
}

/** A file that has grown holds zeros where nothing was written, or what the disk held before. */
function filler(random: Random): (length: number) => Buffer {
  const isZero = random.chance(0.5);
  return (length) => (isZero ? Buffer.alloc(length) : Buffer.alloc(length, random.digits(13)));
}

function identityOf(files: Map<string, Buffer | 'folder'>): string {
  const hash = createHash('sha1');
  for (const [path, content] of files) hash.update(path).update(content);
  return hash.digest('hex');
}
