// Two builds side by side: the same work for each in turns, by the CPU time of its server and database.
import { CryptoFloor } from './crypto-floor.ts';
import type { Kind } from './databases.ts';
import { startEcho } from './echo.ts';
import { turnOfOsmo } from './downloads.ts';
import { startOsmoSmdpp } from './osmo-smdpp.ts';
import type { Build } from './other-build.ts';
import { buildOf, thisBuild } from './other-build.ts';
import type { Figure } from './report.ts';
import { figureTable, median, table } from './report.ts';
import { openSide } from './side.ts';
import type { Cost, Side } from './side.ts';
import { downloads, inTurns, recordDownload, works } from './works.ts';
import type { Costs, Work, WorkName } from './works.ts';

/** CPU time of a download (12 KB profile) by osmo-smdpp on such a core, in microseconds; see docs/benchmarks.md. */
export const OSMO_SMDPP_MICROSECONDS = 29_500;
const FLOOR_A_TURN = 160;

/** What this build is to cost of the other. */
const TARGETS: Record<WorkName, { server: number | undefined; database: number | undefined }> = {
  kept: { server: 0.5, database: 0.6 },
  new: { server: 0.75, database: undefined },
  order: { server: undefined, database: undefined },
  'page of one': { server: 0.75, database: undefined },
};

interface Options {
  kinds: Kind[];
  profiles: number;
  rounds: number;
  folder: string;
  /** Parts: `downloads`, `orders`, `pages`. */
  wanted: (row: string) => boolean;
  onProgress: (text: string) => void;
}

/** @returns Markdown */
export async function measureAgainst(commit: string, options: Options): Promise<string> {
  using other = await buildOf(commit);
  const builds = [other, await thisBuild()] as const;
  const parts: string[] = [];
  for (const kind of options.kinds) parts.push(await compareOn(kind, builds, options));
  return parts.join('\n\n');
}

async function compareOn(
  kind: Kind,
  builds: readonly [Build, Build],
  { profiles, rounds, folder, wanted, onProgress }: Options,
): Promise<string> {
  await using opened = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const build of builds) {
    const side = await openSide(build, kind, folder, profiles, opened);
    if (side === undefined) return `## ${kind}: skipped, not installed here`;
    sides.push(side);
  }
  const [other, own] = sides as [Side, Side];
  const name = other.build.name;
  const figures: Figure[] = [];
  const details: string[][] = [];
  for (const work of works(profiles)) {
    if (!wanted(work.row)) continue;
    const costs = await inTurns(work, sides, rounds, onProgress);
    figures.push(...figuresOf(work, costs, name));
    details.push(...detailsOf(work, costs));
    if (work.name !== 'kept') continue;
    onProgress('cryptography and transport alone');
    figures.push(...(await againstFloor(work, costs[1], own)));
    if (kind === 'sqlite') figures.push(await compareLogs(work, sides, name));
  }
  const head = ['work', 'of', name, builds[1].name];
  return [
    `## ${kind}, ${profiles.toLocaleString('en')} profiles, ${rounds} rounds in turns`,
    figureTable(figures),
    table(head, details),
  ].join('\n\n');
}

function figuresOf({ name, work }: Work, [before, now]: Costs, other: string): Figure[] {
  const figure = (
    part: string,
    target: number | undefined,
    read: (cost: Cost) => number,
  ): Figure => ({
    work,
    against: `${part} of ${other}`,
    reach: target === undefined ? '–' : `≤ ${target}`,
    values: now.map((cost, round) => read(cost) / read(before[round]!)),
    reached: (ratio) => target === undefined || ratio <= target,
  });
  const { server, database } = TARGETS[name];
  const figures = [figure('server CPU', server, (cost) => cost.server)];
  if (now[0]?.database !== undefined && before[0]?.database !== undefined) {
    figures.push(figure('PostgreSQL CPU', database, (cost) => cost.database!));
  }
  return figures;
}

function detailsOf({ work }: Work, costs: Costs): string[][] {
  const row = (part: string, read: (cost: Cost) => number | undefined): string[][] => {
    const values = costs.map((of) => of.map(read).filter((value) => value !== undefined));
    if (values.some((of) => of.length === 0)) return [];
    return [[work, part, ...values.map((of) => `${median(of).toFixed(0)} µs`)]];
  };
  return [
    ...row('server CPU', ({ server }) => server),
    ...row('PostgreSQL CPU', ({ database }) => database),
  ];
}

async function againstFloor({ work }: Work, now: Cost[], own: Side): Promise<Figure[]> {
  await using echo = await startEcho(await recordDownload(own));
  const floor = new CryptoFloor();
  await echo.measure(10 * FLOOR_A_TURN);
  floor.measure(FLOOR_A_TURN);
  await using osmo = await startOsmoSmdpp();
  const least: number[] = [];
  const osmoCpu: number[] = [];
  while (least.length < now.length) {
    least.push(floor.measure(FLOOR_A_TURN).cpu + (await echo.measure(FLOOR_A_TURN)));
    osmoCpu.push(osmo === undefined ? OSMO_SMDPP_MICROSECONDS : (await turnOfOsmo(osmo)).cpu);
  }
  return [
    {
      work: 'cryptography and an echo on node:https',
      against: 'server CPU of a download',
      reach: '≥ 0.4',
      values: now.map(({ server }, round) => least[round]! / server),
      reached: (ratio) => ratio >= 0.4,
    },
    {
      work,
      against: `CPU of osmo-smdpp${osmo === undefined ? ' (not run here)' : ''}`,
      reach: '≥ 12',
      values: now.map(({ server }, round) => osmoCpu[round]! / server),
      reached: (ratio) => ratio >= 12,
    },
  ];
}

async function compareLogs({ work }: Work, sides: Side[], other: string): Promise<Figure> {
  const bytes: number[] = [];
  for (const side of sides) {
    const held = side.holdLog();
    bytes.push((await downloads(side, false)).log!);
    held[Symbol.dispose]();
  }
  const [before, now] = bytes as [number, number];
  return {
    work: `${work}: written to the log, ${(now / 1_000).toFixed(0)} KB`,
    against: `${other}, ${(before / 1_000).toFixed(0)} KB`,
    reach: '≤ 0.5',
    values: [now / before],
    reached: (ratio) => ratio <= 0.5,
  };
}
