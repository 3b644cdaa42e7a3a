// A failure at every point of a scene, each in a run of its own.
import { freePort } from '../../test/postgres.ts';
import { Random } from '../random.ts';
import type { Ground } from './ground.ts';
import type { PassedCall } from './ledger.ts';
import { Lender } from './lender.ts';
import { faultsOf, formatPoint } from './point.ts';
import type { Fault, Point } from './point.ts';
import type { Scene } from './scene.ts';
import { Stage } from './stage.ts';
import type { Ports } from './stage.ts';

export interface Finding {
  point: string;
  problems: string[];
  /** Repeats it. */
  command: string;
}

export interface Exploration {
  scene: string;
  database: Ground['kind'];
  /** Calls in a run where nothing fails. */
  calls: number;
  /** Points that were tried, by fault. */
  tried: Partial<Record<Fault, number>>;
  /** Points whose call did not happen again: work in the background takes turns that differ. */
  notReached: string[];
  findings: Finding[];
  seconds: number;
}

export interface Choice {
  /** Which faults; by default all. */
  wants?: (fault: Fault) => boolean;
  /** At most so many points, picked by the seed. */
  sample?: number;
  seed?: number;
  /** Of so many equal parts, only this one: 1 is the first. */
  part?: { number: number; of: number };
  /** Whether points are tried one after the other on one database, which is quicker and leaves more traces. */
  shares?: boolean;
}

export interface Surroundings {
  ground: Ground;
  ports: Ports;
  /** Called before each run. */
  progress?: (done: number, of: number, point: string) => void;
}

export async function freePorts(): Promise<Ports> {
  const [api, es9] = [await freePort(), await freePort()];
  return { api, es9 };
}

const SEED = 1;

/** @returns the calls of a run where nothing fails. Throws if something does. */
export async function callsOf(
  scene: Scene,
  { ground, ports }: Surroundings,
  seed = SEED,
): Promise<readonly PassedCall[]> {
  await using stage = await Stage.on(ground, scene.origin, ports, seed);
  const { passed, problems } = await stage.play(scene, undefined, true);
  problems.push(...(await stage.inspect()));
  if (problems.length > 0) {
    throw new Error(`${scene.name} fails by itself: ${problems.join('; ')}`);
  }
  return passed;
}

export function pointsOf(calls: readonly PassedCall[], database: Ground['kind']): Point[] {
  return calls.flatMap(({ kind, name, occurrence }) =>
    faultsOf(kind, database).map((fault) => ({ fault, name, occurrence })),
  );
}

export async function explore(
  scene: Scene,
  around: Surroundings,
  choice: Choice = {},
): Promise<Exploration> {
  const started = performance.now();
  const { ground, progress } = around;
  const { seed = SEED } = choice;
  const calls = await callsOf(scene, around, seed);
  const points = choose(pointsOf(calls, ground.kind), choice);
  const exploration: Exploration = {
    scene: scene.name,
    database: ground.kind,
    calls: calls.length,
    tried: {},
    notReached: [],
    findings: [],
    seconds: 0,
  };
  const lender = new Lender(scene, around, choice);
  try {
    for (const [index, point] of points.entries()) {
      progress?.(index, points.length, formatPoint(point));
      const { problems, hasStruck } = await lender.tryPoint(point);
      exploration.tried[point.fault] = (exploration.tried[point.fault] ?? 0) + 1;
      if (!hasStruck) exploration.notReached.push(formatPoint(point));
      if (problems.length > 0) {
        exploration.findings.push(findingOf(point, problems, scene, around, seed));
      }
    }
  } finally {
    await lender.close();
  }
  exploration.seconds = (performance.now() - started) / 1_000;
  return exploration;
}

function choose(points: Point[], { wants, sample, seed = SEED, part }: Choice): Point[] {
  let chosen = wants === undefined ? points : points.filter(({ fault }) => wants(fault));
  if (sample !== undefined && sample < chosen.length) {
    const random = new Random(seed);
    const rest = [...chosen];
    const picked = Array.from({ length: sample }, () =>
      rest.splice(random.integer(0, rest.length - 1), 1),
    ).flat();
    chosen = chosen.filter((point) => picked.includes(point));
  }
  if (part === undefined) return chosen;
  return chosen.filter((_point, index) => index % part.of === part.number - 1);
}

function findingOf(
  point: Point,
  problems: string[],
  scene: Scene,
  { ground }: Surroundings,
  seed: number,
): Finding {
  const named = formatPoint(point);
  const command =
    `npx node torture/points/main.ts --journey ${scene.name} --database ${ground.kind} ` +
    `--seed ${seed} --point '${named}'`;
  return { point: named, problems, command };
}
