// The points of several journeys, on several databases.
import { explore } from './explore.ts';
import type { Choice, Exploration } from './explore.ts';
import { freePorts, openGround } from './grounds.ts';
import { bearer } from './life.ts';
import { dies } from './point.ts';
import type { DatabaseKind, Fault } from './point.ts';
import { bearProcess } from './process-life.ts';
import { SCENES } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Surroundings } from './stage.ts';

/** Kinds of faults, as users choose them. */
export const FAULT_KINDS = {
  fail: (fault) => !dies(fault) && fault !== 'lose',
  die: dies,
  lose: (fault) => fault === 'lose',
} as const satisfies Record<string, (fault: Fault) => boolean>;

export type FaultKind = keyof typeof FAULT_KINDS;

export interface Wanted extends Pick<Choice, 'sample' | 'part' | 'shares'> {
  databases: readonly DatabaseKind[];
  /** Of `SCENES`. */
  journeys: readonly string[];
  kinds: readonly FaultKind[];
  seed: number;
  /** Whether servers are processes, which are killed: then only faults that kill. */
  inProcesses?: boolean;
}

/**
 * @param progress called before each run
 * @param onDone called with each journey's exploration, while the others go on
 */
export async function exploreAll(
  wanted: Wanted,
  progress?: (text: string) => void,
  onDone?: (exploration: Exploration) => void,
): Promise<Exploration[]> {
  const explorations: Exploration[] = [];
  await onEachScene(wanted, async (scene, around) => {
    const exploration = await explore(scene, around, choiceOf(wanted), (done, of, point) =>
      progress?.(`${scene.name} on ${around.ground.kind}: ${done}/${of} ${point}`),
    );
    onDone?.(exploration);
    explorations.push(exploration);
  });
  return explorations;
}

/** Databases that are not installed are left out. */
export async function onEachScene(
  {
    databases,
    journeys,
    seed,
    inProcesses = false,
  }: Pick<Wanted, 'databases' | 'journeys' | 'seed' | 'inProcesses'>,
  work: (scene: Scene, around: Surroundings) => Promise<void>,
): Promise<void> {
  const ports = await freePorts();
  for (const kind of databases) {
    await using ground = await openGround(kind, ports);
    if (ground === undefined) {
      process.stderr.write(`${kind}: skipped, not installed here\n`);
      continue;
    }
    for (const scene of SCENES.filter(({ name }) => journeys.includes(name))) {
      // Nobody wakes the housekeeping of another process, and it takes its time.
      if (inProcesses && scene.journey.passesTime === true) continue;
      await work(scene, { ground, ports, bear: bearer(), seed });
    }
  }
}

function choiceOf({ kinds, sample, part, shares, inProcesses = false }: Wanted): Choice {
  return {
    wants: ({ fault }) =>
      (!inProcesses || dies(fault)) && kinds.some((kind) => FAULT_KINDS[kind](fault)),
    ...(inProcesses ? { bear: bearProcess } : {}),
    sample,
    part,
    shares,
  };
}
