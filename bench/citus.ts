// The same work on plain PostgreSQL and on a cluster of Citus, in turns, by the CPU time of the server and of the database; of
// Citus, of all nodes together.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from './databases.ts';
import { asks, turns } from './lists.ts';
import type { Probe } from './lists.ts';
import { thisBuild } from './other-build.ts';
import { median, table } from './report.ts';
import { costOfTurn, openSide } from './side.ts';
import type { Cost, Side } from './side.ts';
import { inTurns, works } from './works.ts';
import type { Work } from './works.ts';

const KINDS: Kind[] = ['postgres', 'citus'];
const PAGES_MS = 1_000;
const IDLE_MS = 10_000;

interface Options {
  profiles: number;
  rounds: number;
  folder: string;
  wanted: (row: string) => boolean;
  onProgress: (text: string) => void;
}

type Timed = Pick<Work, 'work' | 'row' | 'turn' | 'warmUp'> & { unit: string };

/** @returns Markdown */
export async function measureCitus({
  profiles,
  rounds,
  folder,
  wanted,
  onProgress,
}: Options): Promise<string> {
  await using opened = new AsyncDisposableStack();
  const build = await thisBuild();
  const sides: Side[] = [];
  for (const kind of KINDS) {
    const side = await openSide(build, kind, folder, profiles, opened);
    if (side === undefined) return `## Citus: skipped, ${kind} is not available here`;
    sides.push(side);
  }
  const rows: string[][] = [];
  for (const work of timedWorks(profiles)) {
    if (!wanted(work.row)) continue;
    // Both sides are warmed alike, so few rounds need no more turns than they have to get ready.
    const warmUp = Math.min(work.warmUp, rounds);
    const costs = await inTurns({ ...work, warmUp }, sides, rounds, onProgress);
    const of = (part: string, read: (cost: Cost) => number | undefined) => {
      const [plain, spread] = costs.map((each) => each.map((cost) => read(cost) ?? Number.NaN)) as [
        number[],
        number[],
      ];
      const ratios = spread.map((value, round) => value / plain[round]!);
      const time = (values: number[]) => `${median(values).toFixed(0)} µs${work.unit}`;
      rows.push([work.work, part, time(plain), time(spread), median(ratios).toFixed(2)]);
    };
    of('server', ({ server }) => server);
    of('database', ({ database }) => database);
  }
  return [
    `## Citus beside PostgreSQL, ${profiles.toLocaleString('en')} profiles, ${rounds} rounds in turns`,
    table(['work', 'CPU of', 'PostgreSQL', 'Citus', 'ratio'], rows),
  ].join('\n\n');
}

function timedWorks(profiles: number): Timed[] {
  const each = works(profiles)
    .filter(({ name }) => name === 'order' || name === 'kept')
    .map((work) => ({ ...work, unit: '' }));
  const all = asks(profiles);
  return [
    ...each,
    page('random page of one', all['random page of one']!),
    page('random page', all['random page']!),
    {
      work: 'nothing to do',
      row: 'idle',
      unit: ' a second',
      warmUp: 0,
      async turn(side) {
        // What the turn before has left is done by then.
        await sleep(IDLE_MS / 2);
        await side.server.usage();
        await sleep(IDLE_MS);
        await side.server.usage();
        return costOfTurn(side, IDLE_MS / 1_000);
      },
    },
  ];
}

function page(work: string, text: Probe['text']): Timed {
  // Numbers its requests on, so that no answer is one from before.
  const turn = turns();
  return {
    work,
    row: 'pages',
    unit: '',
    warmUp: 1,
    async turn(side) {
      const { answers } = await turn(
        { name: work, server: side.server, text, status: 200 },
        PAGES_MS,
      );
      return costOfTurn(side, answers);
    },
  };
}
