// Two builds side by side: the same work for each in turns, by the CPU time of its server.
import { join } from 'node:path';
import type { Build } from './other-build.ts';
import { buildOf, thisBuild } from './other-build.ts';
import type { Kind } from './databases.ts';
import { table, median } from './report.ts';

const PROFILES = 10_000;
/** The compiler costs much until about this many downloads. */
const WARM_DOWNLOADS = 1_000;
const DOWNLOADS_A_TURN = 160;
const ORDERS_A_TURN = 300;

interface Work {
  name: string;
  /** @returns CPU time of the server for each, in microseconds */
  turn(side: Side): Promise<number>;
  /** Turns that are not counted. */
  warmUp: number;
}

interface Side {
  build: Build;
  kind: Kind;
  url: string;
  server: Awaited<ReturnType<Build['child']['startChild']>>;
}

/**
 * @param wanted `downloads`, `orders`
 * @returns Markdown
 */
export async function measureAgainst(
  commit: string,
  { kinds, rounds, folder }: { kinds: Kind[]; rounds: number; folder: string },
  wanted: (row: string) => boolean,
  onProgress: (text: string) => void,
): Promise<string> {
  using other = await buildOf(commit);
  const builds = [other, await thisBuild()];
  const parts: string[] = [];
  for (const kind of kinds) {
    await using opened = new AsyncDisposableStack();
    const sides: Side[] = [];
    for (const build of builds) {
      const own = join(folder, `against-${build.name.replaceAll(' ', '-')}`, kind);
      const databases = await build.databases.openDatabases(kind, own);
      if (databases === undefined) break;
      opened.use(databases);
      const url = await databases.filled(PROFILES);
      const server = opened.use(await build.child.startChild(url, own));
      sides.push({ build, kind, url, server });
    }
    if (sides.length < builds.length) {
      parts.push(`## ${kind}: skipped, not installed here`);
      continue;
    }
    const rows: string[][] = [];
    for (const work of works(wanted)) {
      rows.push(await compare(work, sides, rounds, onProgress));
    }
    const head = ['work', ...builds.map(({ name }) => `${name}, µs`), 'ratio', 'range'];
    parts.push(`## ${kind}, server CPU, ${rounds} rounds in turns\n\n${table(head, rows)}`);
  }
  return parts.join('\n\n');
}

function works(wanted: (row: string) => boolean): Work[] {
  const found: Work[] = [];
  if (wanted('orders')) found.push({ name: 'order to `available`', turn: order, warmUp: 1 });
  if (!wanted('downloads')) return found;
  for (const newConnections of [false, true]) {
    found.push({
      name: `download, 30 KB profile, ${newConnections ? 'new' : 'kept'} connections, 16 devices`,
      turn: (side) => download(side, newConnections),
      warmUp: Math.ceil(WARM_DOWNLOADS / DOWNLOADS_A_TURN),
    });
  }
  return found;
}

const short = (ratio: number) => ratio.toFixed(2);

async function compare(
  work: Work,
  sides: Side[],
  rounds: number,
  onProgress: (text: string) => void,
): Promise<string[]> {
  const taken = sides.map((): number[] => []);
  for (let round = -work.warmUp; round < rounds; round++) {
    onProgress(round < 0 ? `${work.name}: warming up` : `${work.name}: ${round + 1} of ${rounds}`);
    const turns = Array.from(sides.entries());
    // Neither side always has the quieter moment.
    for (const [index, side] of round % 2 === 0 ? turns : turns.toReversed()) {
      const cpu = await work.turn(side);
      if (round >= 0) taken[index]!.push(cpu);
    }
  }
  const [before, now] = taken as [number[], number[]];
  const ratios = now.map((cpu, round) => cpu / before[round]!);
  const range = `${short(Math.min(...ratios))}–${short(Math.max(...ratios))}`;
  return [
    work.name,
    median(before).toFixed(0),
    median(now).toFixed(0),
    short(median(ratios)),
    range,
  ];
}

async function order({ build, kind, server, url }: Side): Promise<number> {
  const { cpu } = await build.orders.measureOrders(kind, server, url, 1, ORDERS_A_TURN);
  return cpu[0]!;
}

async function download({ build, server, url }: Side, newConnections: boolean): Promise<number> {
  const { WAYS, measureDownloads } = build.downloads;
  const way = WAYS.find(
    (one) =>
      one.profileType === '30 KB' && one.newConnections === newConnections && one.devices > 1,
  );
  // Older builds measure all the ways of this list.
  const all = WAYS.splice(0, WAYS.length, { ...way!, count: DOWNLOADS_A_TURN });
  try {
    const { ways } = await measureDownloads(server, url, 1, 1, () => {});
    return ways.get(way!.name)![0]!.cpu;
  } finally {
    WAYS.splice(0, 1, ...all);
  }
}
