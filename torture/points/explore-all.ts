// The points of several journeys, on several databases.
import { explore } from './explore.ts';
import type { Choice, Exploration, Listener } from './explore.ts';
import { freePorts, openGround } from './grounds.ts';
import { bearer } from './life.ts';
import { dies, FAULT_KINDS } from './point.ts';
import type { DatabaseKind, FaultKind } from './point.ts';
import { bearProcess } from './process-life.ts';
import { SCENES } from './scene.ts';
import type { Scene } from './scene.ts';
import type { Surroundings } from './stage.ts';

export interface Wanted extends Pick<Choice, 'sample' | 'part' | 'shares'> {
  databases: readonly DatabaseKind[];
  /** Of `SCENES`. */
  journeys: readonly string[];
  kinds: readonly FaultKind[];
  seed: number;
  /** Whether servers are processes, which are killed: then only faults that kill. */
  inProcesses?: boolean | undefined;
}

export async function exploreAll(wanted: Wanted, listener: Listener = {}): Promise<Exploration[]> {
  const explorations: Exploration[] = [];
  await onEachScene(wanted, async (scene, around) => {
    if (listener.enough?.aborted === true) return;
    explorations.push(await explore(scene, around, choiceOf(wanted), listener));
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
