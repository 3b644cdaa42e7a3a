// A failure at every point of a scene, each in a run of its own.
import { Random } from '../random.ts';
import { collectGarbage } from './collect-garbage.ts';
import { Lender } from './lender.ts';
import type { PassedCall } from './ledger.ts';
import type { Bear } from './life.ts';
import { faultsOf, formatPoint } from './point.ts';
import type { DatabaseKind, Fault, Point } from './point.ts';
import type { Scene } from './scene.ts';
import { Stage } from './stage.ts';
import type { Surroundings } from './stage.ts';

export interface Finding {
  point: string;
  problems: string[];
  /** Repeats it. */
  command: string;
}

export interface Exploration {
  scene: string;
  database: DatabaseKind;
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
  /** By default all. */
  wants?: (point: Point) => boolean;
  /** At most so many points, picked by the seed. */
  sample?: number | undefined;
  /** Of so many equal parts, only this one: 1 is the first. */
  part?: { number: number; of: number } | undefined;
  /** Whether points are tried one after the other on one database, which is quicker and leaves more traces. */
  shares?: boolean | undefined;
  /** Bears the servers that fail, if not those whose calls are counted. */
  bear?: Bear;
}

const COLLECTED_EVERY = 50;

/** Where nothing is made to fail. */
class FailsByItself extends Error {
  override name = 'FailsByItself';
  readonly problems: string[];

  constructor(problems: string[]) {
    super(problems.join('; '));
    this.problems = problems;
  }
}

/** @returns the calls of a run where nothing fails. Throws `FailsByItself`. */
export async function callsOf(scene: Scene, around: Surroundings): Promise<readonly PassedCall[]> {
  await using stage = await Stage.open(scene, around);
  const { passed, problems } = await stage.play(scene, undefined, true);
  problems.push(...(await stage.inspect()));
  if (problems.length === 0) return passed;
  throw new FailsByItself(problems);
}

/** Told while an exploration goes on. */
export interface Listener {
  /** Before each run. */
  onRun?: (text: string) => void;
  onFinding?: (text: string) => void;
  /** No other point is tried. */
  enough?: AbortSignal;
}

export async function explore(
  scene: Scene,
  around: Surroundings,
  choice: Choice = {},
  { onRun, onFinding, enough }: Listener = {},
): Promise<Exploration> {
  const started = performance.now();
  const { ground, seed } = around;
  const exploration: Exploration = {
    scene: scene.name,
    database: ground.kind,
    calls: 0,
    tried: {},
    notReached: [],
    findings: [],
    seconds: 0,
  };
  const { tried, notReached, findings } = exploration;
  const title = `${scene.name} on ${ground.kind}`;
  const found = (point: string | undefined, problems: string[]) => {
    const command = commandFor(point, scene, around, choice);
    const named = point ?? 'where nothing is made to fail';
    findings.push({ point: named, problems, command });
    onFinding?.([`${title}: ${named}`, ...problems, command].join('\n  '));
  };
  let points: Point[];
  try {
    const calls = await callsOf(scene, around);
    exploration.calls = calls.length;
    points = choose(pointsOf(calls, ground.kind), choice, seed);
  } catch (error) {
    if (!(error instanceof FailsByItself)) throw error;
    found(undefined, error.problems);
    return exploration;
  }
  const lender = new Lender(
    scene,
    { ...around, bear: choice.bear ?? around.bear },
    choice.shares === true,
  );
  try {
    for (const [index, point] of points.entries()) {
      if (enough?.aborted === true) break;
      const named = formatPoint(point);
      onRun?.(`${title}: ${index}/${points.length} ${named}`);
      if (index % COLLECTED_EVERY === COLLECTED_EVERY - 1) collectGarbage();
      const { problems, hasStruck } = await lender.tryPoint(point);
      tried[point.fault] = (tried[point.fault] ?? 0) + 1;
      if (!hasStruck) notReached.push(named);
      if (problems.length > 0) found(named, problems);
    }
  } finally {
    await lender.close();
  }
  exploration.seconds = (performance.now() - started) / 1_000;
  return exploration;
}

function pointsOf(calls: readonly PassedCall[], database: DatabaseKind): Point[] {
  return calls.flatMap(({ kind, name, occurrence }) =>
    faultsOf(kind, database).map((fault) => ({ fault, name, occurrence })),
  );
}

function choose(points: Point[], { wants, sample, part }: Choice, seed: number): Point[] {
  let chosen = wants === undefined ? points : points.filter(wants);
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

function commandFor(
  point: string | undefined,
  { name }: Scene,
  { ground, seed }: Surroundings,
  { bear }: Choice,
): string {
  const options = [
    `--journeys ${name} --databases ${ground.kind} --seed ${seed}`,
    point === undefined ? '--list' : `--point '${point}'`,
    ...(bear === undefined ? [] : ['--processes']),
  ];
  return `npm run torture -- points ${options.join(' ')}`;
}
